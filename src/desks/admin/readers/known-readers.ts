import { sql } from 'kysely'
import type { Database } from '../../../ground/database/database.ts'
import { begins, contains, withinDomains } from '../../../ground/database/within-domains.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { spellingsOf } from '../../../ground/directory/spellings.ts'
import { ADDRESS_SOURCES, type AddressSource, addressesAfter } from '../../../ground/state/known-addresses.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { boundedLimit, unknownCursor } from '../listing/paging.ts'

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
    /** How many entries of an index are looked at. */
    readonly looksAt?: number
  },
): Promise<KnownReaders> {
  const limit = boundedLimit(query.limit)
  const wanted = { ...wantedOf(query.search?.trim() ?? ''), reach, looksAt: query.looksAt ?? LOOKED_AT }
  const place = query.after === undefined ? BEGIN : placeOf(query.after)
  if (place.mode === 'holds') return read(state, holding(wanted), place, limit)
  const first = await read(state, wanted, place, limit)
  if (first.next !== undefined || wanted.holds.length === 0) return first
  const others = await read(state, holding(wanted), BEGIN, limit - first.readers.length)
  return { ...others, readers: [...first.readers, ...others.readers] }
}

type Mode = 'begins' | 'holds'

/** Where a search has come to. */
interface Place {
  readonly mode: Mode
  /** How many parts of an index were looked at. It stands for the reader at whom they end: whose that is tells nobody. */
  readonly parts: number
  /** The last one that was shown. */
  readonly after: string
}

const BEGIN: Place = { mode: 'begins', parts: 0, after: '' }

interface Wanted {
  readonly mode: Mode
  /** With which addresses begin; of those that hold something, with which they do not. */
  readonly prefix: string
  /** One of which they hold; empty: all. */
  readonly holds: readonly string[]
  readonly reach: Reach
  readonly looksAt: number
}

/** Readers are written in lower case and with A-labels: a domain may be looked for as people read it. */
function wantedOf(search: string): Pick<Wanted, 'mode' | 'prefix' | 'holds'> {
  if (search === '') return { mode: 'begins', prefix: '', holds: [] }
  const address = readerAddress(search)
  const holds = address === undefined ? spellingsOf(search) : [address]
  const prefix = (search.includes('@') ? holds.at(-1) : holds[0]) ?? search
  return { mode: 'begins', prefix, holds }
}

const holding = (wanted: Wanted): Wanted => ({ ...wanted, mode: 'holds' })

async function read(
  state: Database<StateTables>,
  wanted: Wanted,
  place: Place,
  limit: number,
): Promise<KnownReaders> {
  const { begin, horizon } = await partOf(state, wanted, place.parts)
  const [, after = ''] = [begin, place.after].sort(byOctets)
  const found = new Set<string>()
  for (const source of Object.values(ADDRESS_SOURCES)) {
    for (const reader of await readersIn(state, source, wanted, { after, horizon, limit: limit + 1 })) {
      found.add(reader)
    }
  }
  const sorted = [...found].sort(byOctets)
  const readers = sorted.slice(0, limit)
  const last = readers.at(-1)
  if (sorted.length > limit) {
    const next = cursorOf({ ...place, mode: wanted.mode, after: last ?? place.after })
    return { readers, next, cut: false }
  }
  const next = { mode: wanted.mode, parts: place.parts + 1, after: '' }
  return { readers, next: horizon && cursorOf(next), cut: horizon !== undefined }
}

/** How many entries of an index one search looks at: some tenths of a second. */
const LOOKED_AT = 300_000

/** From which reader on, and up to which one, is looked; undefined: to the end. */
async function partOf(
  state: Database<StateTables>,
  wanted: Wanted,
  parts: number,
): Promise<{ readonly begin: string; readonly horizon: string | undefined }> {
  let begin = ''
  for (let part = 0; ; part += 1) {
    const horizon = await horizonOf(state, wanted, begin)
    if (part === parts || horizon === undefined) return { begin, horizon }
    begin = horizon
  }
}

/** Up to which reader a search that no index helps is made at once; undefined: to the end. */
async function horizonOf(
  state: Database<StateTables>,
  wanted: Wanted,
  after: string,
): Promise<string | undefined> {
  if (wanted.reach === undefined && wanted.mode === 'begins') return undefined
  const ends: string[] = []
  for (const source of Object.values(ADDRESS_SOURCES)) {
    const row = await along(state, source, prefixOf(wanted), after)
      .offset(wanted.looksAt)
      .limit(1)
      .executeTakeFirst()
    if (row) ends.push(row.reader)
  }
  return ends.sort(byOctets)[0]
}

async function readersIn(
  state: Database<StateTables>,
  source: AddressSource,
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
    .where(withinDomains(column, reach))
    .limit(bounds.limit)
    .execute()
  return rows.map(row => row.reader)
}

const prefixOf = ({ mode, prefix }: Wanted): string => (mode === 'begins' ? prefix : '')

/** The addresses that begin with a prefix and come after another one. */
function along(state: Database<StateTables>, source: AddressSource, prefix: string, after: string) {
  const address = sql.ref<string>(source.column)
  return addressesAfter(state, source, after)
    .where(address, '>=', prefix)
    .$if(prefix !== '', query => query.where(address, '<', `${prefix}${LAST_CHARACTER}`))
}

const LAST_CHARACTER = '\u{10ffff}'

const cursorOf = ({ mode, parts, after }: Place): string => `${mode}.${parts}.${after}`

/** @throws CodedError REQUEST_INVALID */
function placeOf(cursor: string): Place {
  const [, mode, parts, after] = /^(begins|holds)\.(\d{1,6})\.(.{0,320})$/su.exec(cursor) ?? []
  if ((mode !== 'begins' && mode !== 'holds') || after === undefined) throw unknownCursor()
  return { mode, parts: Number(parts), after }
}

/** As the databases sort: UTF-16 would put the characters beyond its first plane elsewhere. */
const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
