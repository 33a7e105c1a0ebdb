import { chunks } from '../../database/chunks.ts'
import type { Database } from '../../database/database.ts'
import type { Answer, Directory } from '../directory.ts'
import { outsideReaders } from '../outside-readers.ts'
import { answerOf } from './answer-of.ts'
import { EVERYBODY, type Lookup, lookupOf, writtenKeys } from './lookup-keys.ts'
import { type UsersTables, usersWithKeys } from './users-table.ts'

export interface AmavisDirectoryOptions {
  /** See `withoutExtension`. */
  readonly recipientDelimiter: string
  /** See `outsideReaders`. */
  readonly outsideReaders: readonly string[]
}

/**
 * amavisd's table `users` says who is a local reader: an address with a row of its own or of its domain, unless that
 * says that it is not local. The row of the whole world makes nobody a reader.
 *
 * @param database is only read
 */
export function amavisDirectory(database: Database<UsersTables>, options: AmavisDirectoryOptions): Directory {
  const isAllowed = outsideReaders(options.outsideReaders)
  return {
    async find(addresses) {
      const answers = new Map<string, Answer>()
      for (const chunk of chunks(addresses, LOOKUPS)) {
        const lookups = chunk.map(address => lookupOf(address, options.recipientDelimiter))
        const users = await usersWithKeys(database.sql, keysOf(lookups))
        for (const lookup of lookups) answers.set(lookup.address, answerOf(lookup, users, isAllowed))
      }
      return answers
    },
  }
}

/** Neighbours often share a domain, whose keys are then asked for once. */
const LOOKUPS = 2000

const keysOf = (lookups: readonly Lookup[]): ReadonlySet<string> =>
  new Set([EVERYBODY, ...lookups.flatMap(({ own, domains }) => [...own, ...domains].flatMap(writtenKeys))])
