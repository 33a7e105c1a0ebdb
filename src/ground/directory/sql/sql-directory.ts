import type { Database } from '../../database/database.ts'
import type { Answer, Directory, Step } from '../directory.ts'
import { withoutExtension } from '../extension.ts'
import { answerFrom } from './answer-from.ts'
import { askQuery, type QueryRow } from './ask-query.ts'
import { queryPieces } from './query-text.ts'

/** An admin's own query, and how it is asked. */
export interface SqlDirectoryOptions {
  /** SELECT … with `:address` in it, once or several times. */
  readonly query: string
  /** See `withoutExtension`. */
  readonly recipientDelimiter: string
}

/**
 * An admin's own query says who reads the mail of an address. An address of which it says nothing is asked again
 * without its extension.
 *
 * @param database is only read
 * @throws CodedError CONFIG_INVALID when the text cannot be such a query
 */
export function sqlDirectory(database: Database<unknown>, options: SqlDirectoryOptions): Directory {
  const pieces = queryPieces(options.query, database.dialect.lexis)
  const ask = (addresses: readonly string[]) => askQuery(database.sql, pieces, addresses)
  return {
    async find(addresses) {
      const found = await ask(addresses)
      const plain = plainOf(
        addresses.filter(address => !hasReader(found.get(address))),
        options.recipientDelimiter,
      )
      const foundPlain = await ask([...new Set(plain.values())])
      return new Map(
        addresses.map(address => {
          const short = plain.get(address)
          const rows = short === undefined ? undefined : foundPlain.get(short)
          return [
            address,
            short !== undefined && hasReader(rows)
              ? withExtension(address, answerFrom(short, rows ?? []))
              : answerFrom(address, found.get(address) ?? []),
          ]
        }),
      )
    },
  }
}

/** Whether any row names a reader, be it an address or not: then the query has spoken. */
const hasReader = (rows: readonly QueryRow[] | undefined): boolean =>
  rows?.some(({ reader }) => reader !== null) ?? false

/** The addresses that have an extension, each with the address that it belongs to. */
function plainOf(addresses: readonly string[], delimiter: string): ReadonlyMap<string, string> {
  const plain = new Map<string, string>()
  for (const address of addresses) {
    const short = withoutExtension(address, delimiter)
    if (short !== undefined) plain.set(address, short)
  }
  return plain
}

function withExtension(address: string, { readers, by }: Answer): Answer {
  const dropped: Step = { is: 'extension', from: address, to: by[0]?.from ?? null, row: null }
  return { readers, by: [dropped, ...by] }
}
