import { sql } from 'kysely'
import type { Reach } from '../admins/reach.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { readerAddress } from '../directory/reader-address.ts'
import { spellingsOf } from '../directory/spellings.ts'
import { begins, contains, inReach } from './in-reach.ts'
import { boundedLimit, unknownCursor } from './paging.ts'

export interface KnownReaders {
  readonly readers: readonly string[]
  readonly next: string | undefined
  /** That the search was broken off before there were enough. */
  readonly cut: boolean
}

/**
 * Addresses of readers, in the order of their octets: first those that begin with what is looked for, along the indexes;
 * then those that hold it elsewhere, as in their domains, for which a bounded part of all is looked at.
 *
 * @throws CodedError REQUEST_INVALID
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
  const wanted = wantedOf(query.search?.trim() ?? '', reach)
  const { mode, after } = query.after === undefined ? BEGIN : cursorOf(query.after)
  if (mode === 'holds') return read(state, holding(wanted), after, limit)
  const first = await read(state, wanted, after, limit)
  if (first.next !== undefined || wanted.holds.length === 0) return first
  const others = await read(state, holding(wanted), '', limit - first.readers.length)
  return { ...others, readers: [...first.readers, ...others.readers] }
}

type Mode = 'begins' | 'holds'

const BEGIN = { mode: 'begins', after: '' } as const

interface Wanted {
  readonly mode: Mode
  /** With which addresses begin; of those that hold something, with which they do not. */
  readonly prefix: string
  /** One of which they hold; empty: all. */
  readonly holds: readonly string[]
  readonly reach: Reach
}

/** Readers are written in lower case and with A-labels: a domain may be looked for as people read it. */
function wantedOf(search: string, reach: Reach): Wanted {
  if (search === '') return { mode: 'begins', prefix: '', holds: [], reach }
  const address = readerAddress(search)
  const holds = address === undefined ? spellingsOf(search) : [address]
  const prefix = (search.includes('@') ? holds.at(-1) : holds[0]) ?? search
  return { mode: 'begins', prefix, holds, reach }
}

const holding = (wanted: Wanted): Wanted => ({ ...wanted, mode: 'holds' })

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
  if (sorted.length > limit) return { readers, next: `${wanted.mode}:${last ?? after}`, cut: false }
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
  if (wanted.reach === undefined && wanted.mode === 'begins') return undefined
  const ends: string[] = []
  for (const source of SOURCES) {
    const row = await along(state, source, prefixOf(wanted), after)
      .offset(LOOKED_AT)
      .limit(1)
      .executeTakeFirst()
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
  const { mode, prefix, holds, reach } = wanted
  const column = sql.ref<string>(source.column)
  const rows = await along(state, source, prefixOf(wanted), bounds.after)
    .distinct()
    .$if(bounds.horizon !== undefined, query => query.where(column, '<=', bounds.horizon ?? ''))
    .$if(mode === 'holds', query =>
      query
        .where(({ or }) => or(holds.map(text => contains(column, text))))
        .where(sql<boolean>`not ${begins(column, prefix)}`),
    )
    .where(inReach(column, reach))
    .limit(bounds.limit)
    .execute()
  return rows.map(row => row.reader)
}

const prefixOf = ({ mode, prefix }: Wanted): string => (mode === 'begins' ? prefix : '')

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
  const [, mode, after] = /^(begins|holds):(.{0,320})$/su.exec(text) ?? []
  if ((mode !== 'begins' && mode !== 'holds') || after === undefined) throw unknownCursor()
  return { mode, after }
}

/** As the databases sort: UTF-16 would put the characters beyond its first plane elsewhere. */
const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
