import { sql } from 'kysely'
import type { Reach } from '../admins/reach.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { readerAddress } from '../directory/reader-address.ts'
import { contains, inReach } from './in-reach.ts'
import { boundedLimit, unknownCursor } from './paging.ts'
import { whoseRows } from './whose.ts'

export interface KnownReaders {
  readonly readers: readonly string[]
  readonly next: string | undefined
  /** That the search was broken off before there were enough. */
  readonly cut: boolean
}

/**
 * Addresses of readers in the order of their octets. What begins so is found along the indexes; for what stands
 * anywhere in addresses, and for domains, a bounded part of them is looked at.
 *
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export async function knownReaders(
  state: Database<StateTables>,
  reach: Reach,
  query: {
    readonly search?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<KnownReaders> {
  const limit = boundedLimit(query.limit)
  const search = query.search?.trim() || undefined
  if (query.after !== undefined) {
    const { mode, after } = cursorOf(query.after)
    return read(state, wantedOf(reach, search, mode), after, limit)
  }
  const begins = await read(state, wantedOf(reach, search, 'begins'), '', limit)
  if (begins.readers.length > 0 || begins.cut || search === undefined || search.startsWith('@')) return begins
  return read(state, wantedOf(reach, search, 'holds'), '', limit)
}

type Mode = 'begins' | 'holds'

interface Wanted {
  readonly mode: Mode
  readonly prefix: string
  readonly holds: string | undefined
  readonly reach: Reach
}

function wantedOf(reach: Reach, search: string | undefined, mode: Mode): Wanted {
  if (search === undefined) return { mode, reach, prefix: '', holds: undefined }
  if (search.startsWith('@')) {
    return { mode, reach: whoseRows(reach, search).reach, prefix: '', holds: undefined }
  }
  const text = readerAddress(search) ?? search.normalize('NFC').toLowerCase().toWellFormed()
  return { mode, reach, prefix: mode === 'begins' ? text : '', holds: mode === 'holds' ? text : undefined }
}

async function read(
  state: Database<StateTables>,
  wanted: Wanted,
  after: string,
  limit: number,
): Promise<KnownReaders> {
  const horizon = await horizonOf(state, wanted, after)
  const found = new Set<string>()
  for (const source of SOURCES) {
    for (const reader of await readersIn(state, source, wanted, { after, horizon, limit: limit + 1 })) {
      found.add(reader)
    }
  }
  const sorted = [...found].sort(byOctets)
  const readers = sorted.slice(0, limit)
  const last = readers.at(-1)
  if (sorted.length > limit && last !== undefined) {
    return { readers, next: `${wanted.mode}:${last}`, cut: false }
  }
  return { readers, next: horizon && `${wanted.mode}:${horizon}`, cut: horizon !== undefined }
}

/** Where a reader may be known from: a table and its column, whose index leads along the addresses. */
const SOURCES = [
  { table: 'digest_item', column: 'reader' },
  { table: 'digest_digest', column: 'reader' },
  { table: 'digest_preference', column: 'scope' },
] as const

type Source = (typeof SOURCES)[number]

/** How many entries of an index one search looks at: some tenths of a second. */
const LOOKED_AT = 300_000

/** Up to which reader a search that no index helps is made at once; undefined: to the end. */
async function horizonOf(
  state: Database<StateTables>,
  wanted: Wanted,
  after: string,
): Promise<string | undefined> {
  if (wanted.reach === undefined && wanted.holds === undefined) return undefined
  const ends: string[] = []
  for (const source of SOURCES) {
    const row = await along(state, source, wanted.prefix, after).offset(LOOKED_AT).limit(1).executeTakeFirst()
    if (row) ends.push(row.reader)
  }
  return ends.sort(byOctets)[0]
}

async function readersIn(
  state: Database<StateTables>,
  source: Source,
  wanted: Wanted,
  bounds: { readonly after: string; readonly horizon: string | undefined; readonly limit: number },
): Promise<string[]> {
  const { holds, reach } = wanted
  const column = sql.ref<string>(source.column)
  const rows = await along(state, source, wanted.prefix, bounds.after)
    .distinct()
    .$if(bounds.horizon !== undefined, query => query.where(column, '<=', bounds.horizon ?? ''))
    .$if(holds !== undefined, query => query.where(contains(column, holds ?? '')))
    .where(inReach(column, reach))
    .limit(bounds.limit)
    .execute()
  return rows.map(row => row.reader)
}

/** The addresses that begin with a prefix and come after another one; domains and everybody have settings, and are none. */
function along({ sql: db }: Database<StateTables>, { table, column }: Source, prefix: string, after: string) {
  const address = sql.ref<string>(column)
  return db
    .selectFrom(sql<object>`${sql.table(table)}`.as('known'))
    .select(address.as('reader'))
    .where(address, '>', after)
    .where(address, '>=', prefix)
    .$if(prefix !== '', query => query.where(address, '<', `${prefix}${LAST_CHARACTER}`))
    .$if(column === 'scope', query => query.where(sql<boolean>`${address} not like '@%'`))
    .orderBy(address)
}

const LAST_CHARACTER = '\u{10ffff}'

/** @throws CodedError REQUEST_INVALID */
function cursorOf(text: string): { readonly mode: Mode; readonly after: string } {
  const [, mode, after] = /^(begins|holds):(.{1,320})$/su.exec(text) ?? []
  if ((mode !== 'begins' && mode !== 'holds') || after === undefined) throw unknownCursor()
  return { mode, after }
}

/** As the databases sort: UTF-16 would put the characters beyond its first plane elsewhere. */
const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
