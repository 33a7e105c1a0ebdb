import type { Kysely } from 'kysely'
import { domainName, readerAddress } from '../reader-address.ts'
import { destinationsIn } from './destinations.ts'
import { rowsWith } from './keys.ts'
import type { ForwardRow } from './rows.ts'
import type { IspconfigTables } from './tables.ts'

/** An active row of `mail_forwarding`, with the server that it is on. */
export interface Forwarding extends ForwardRow {
  readonly server: number
}

/** Which sources to ask each server for: addresses, or domains with an at-sign before them. */
export type SourcesByServer = ReadonlyMap<number, readonly string[]>

/** @param sources each with the servers to ask */
export function byServer(
  sources: Iterable<readonly [source: string, servers: readonly number[]]>,
): SourcesByServer {
  const asked = new Map<number, string[]>()
  for (const [source, servers] of sources) {
    for (const server of servers) {
      const list = asked.get(server) ?? []
      list.push(source)
      asked.set(server, list)
    }
  }
  return asked
}

/** Finds the active rows of `mail_forwarding`, by their source, in the order in which they were made. */
export async function forwardingsIn(
  sql: Kysely<IspconfigTables>,
  sources: SourcesByServer,
): Promise<ReadonlyMap<string, readonly Forwarding[]>> {
  const found = new Map<string, Forwarding[]>()
  for (const [server, asked] of sources) {
    const wanted = new Set(asked)
    const rows = await rowsWith(asked, keys => activeRows(sql, server, keys))
    for (const row of rows.toSorted((a, b) => a.forwarding_id - b.forwarding_id)) {
      const source = sourceOf(row.source)
      const is = KINDS.get(row.type)
      if (source === undefined || is === undefined || !wanted.has(source)) continue
      const destinations = destinationsIn(row.destination)
      const forwarding = { is, row: `mail_forwarding ${row.forwarding_id}`, destinations, server }
      const others = found.get(source) ?? []
      others.push(forwarding)
      found.set(source, others)
    }
  }
  return found
}

const activeRows = (sql: Kysely<IspconfigTables>, server: number, keys: readonly string[]) =>
  sql
    .selectFrom('mail_forwarding')
    .select(['forwarding_id', 'source', 'destination', 'type'])
    .where('server_id', '=', server)
    .where('source', 'in', keys)
    .where('active', '=', 'y')
    .execute()

const KINDS: ReadonlyMap<string, ForwardRow['is']> = new Map(
  (['alias', 'forward', 'aliasdomain', 'catchall'] as const).map(kind => [kind, kind]),
)

/** The normal form of a source. A collation may take one letter for another, so it is compared again. */
export function sourceOf(text: string): string | undefined {
  if (!text.startsWith('@')) return readerAddress(text)
  const domain = domainName(text)
  return domain === undefined ? undefined : `@${domain}`
}
