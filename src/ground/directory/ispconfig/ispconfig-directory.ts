import type { Kysely } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import type { Database } from '../../database/database.ts'
import { databaseAnswer } from '../database-answer.ts'
import type { Answer, Directory, DirectoryReader } from '../directory.ts'
import { outsideReaders } from '../outside-readers.ts'
import { ownerName } from '../owner-facts.ts'
import { lookUpIn } from './addresses-in-tables.ts'
import { type Owner, ownersOf } from './owners.ts'
import type { IspconfigTables } from './tables.ts'
import { type Trail, walk } from './walk.ts'

export interface IspconfigOptions {
  /** See `withoutExtension`. */
  readonly recipientDelimiter: string
  /** Addresses and `@domain`s elsewhere whose owners get digests if mail is forwarded to them. */
  readonly outsideReaders: readonly string[]
  /** The `server_id`s whose mail this is; empty: all. */
  readonly servers: readonly number[]
}

/**
 * Who reads the mail of an address by ISPConfig's tables, as its Postfix and Dovecot deliver it. Mail that is relayed
 * to another server is read by its recipient; a mailing list has no reader.
 *
 * The tables are those of ISPConfig 3.2 and later. One that is missing is an error: without it, a list or an alias
 * would look like somebody's mailbox, or like nobody's.
 *
 * @param database ISPConfig's own (`dbispconfig`). SELECT on the columns of `IspconfigTables` is all that it takes
 */
export function ispconfigDirectory(
  { sql }: Pick<Database<IspconfigTables>, 'sql'>,
  { recipientDelimiter, outsideReaders: allowed, servers }: IspconfigOptions,
): Directory {
  const leadOptions = { recipientDelimiter, isOutsideReader: outsideReaders(allowed) }
  return {
    find: addresses =>
      databaseAnswer(TABLES, async () => {
        const lookUp = lookUpIn(sql, servers)
        const owners = new Map<number, Owner>()
        const answers = new Map<string, Answer>()
        for (const part of chunks(addresses, AT_ONCE)) {
          const trails = await walk(part, lookUp, leadOptions)
          await addOwners(sql, owners, trails.values())
          for (const [address, trail] of trails) answers.set(address, answerOf(trail, owners))
        }
        return answers
      }),
  }
}

/** What does not fit a statement: other tables, or those of an older ISPConfig, without a column. */
const TABLES = 'directory.url has no tables of ISPConfig 3.2 or later'

/** Bounds the memory that all mailboxes of a large server take. */
const AT_ONCE = 5000

async function addOwners(
  sql: Kysely<IspconfigTables>,
  owners: Map<number, Owner>,
  trails: Iterable<Trail>,
): Promise<void> {
  const groups = new Set<number>()
  for (const { ends } of trails)
    for (const mailbox of ends.values()) if (mailbox && !owners.has(mailbox.group)) groups.add(mailbox.group)
  if (groups.size === 0) return
  const found = await ownersOf(sql, [...groups])
  for (const group of groups) owners.set(group, found.get(group) ?? {})
}

function answerOf({ ends, by }: Trail, owners: ReadonlyMap<number, Owner>): Answer {
  const readers = [...ends].map(([address, mailbox]): DirectoryReader => {
    if (!mailbox) return { address, isOff: false }
    return { address, isOff: mailbox.isOff, name: ownerName(mailbox.name), ...owners.get(mailbox.group) }
  })
  return { readers: readers.toSorted((a, b) => (a.address < b.address ? -1 : 1)), by }
}
