import { sql } from 'kysely'
import type { Database } from '../../../ground/database/database.ts'
import { begins, contains, withinDomains } from '../../../ground/database/within-domains.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { spellingsOf } from '../../../ground/directory/spellings.ts'
import { ADDRESS_SOURCES, type AddressSource, addressesAfter } from '../../../ground/state/known-addresses.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { boundedLimit, unknownCursor } from '../listing/paging.ts'

export interface FoundReaders {
  readonly readers: readonly string[]
  readonly next: string | undefined
  /** True when the search stopped before it found enough readers. */
  readonly cut: boolean
}

/**
 * Finds addresses of readers, in the order of their octets. First come those that begin with the search text, which
 * indexes find. Then come those that contain it elsewhere, such as in their domain: for these, each call reads a
 * limited part of the index.
 *
 * @throws CodedError REQUEST_INVALID
 */
export async function searchReaders(
  state: Database<StateTables>,
  reach: Reach,
  query: {
    readonly search?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
    /** How many entries of an index one call reads. */
    readonly looksAt?: number
  },
): Promise<FoundReaders> {
  const limit = boundedLimit(query.limit)
  const wanted = { ...wantedOf(query.search?.trim() ?? ''), reach, looksAt: query.looksAt ?? LOOKED_AT }
  const place = query.after === undefined ? START : placeOf(query.after)
  if (place.mode === 'holds') return readPage(state, containing(wanted), place, limit)
  const first = await readPage(state, wanted, place, limit)
  if (first.next !== undefined || wanted.texts.length === 0) return first
  const others = await readPage(state, containing(wanted), START, limit - first.readers.length)
  return { ...others, readers: [...first.readers, ...others.readers] }
}

type Mode = 'begins' | 'holds'

/** How far a search has got. */
interface Place {
  readonly mode: Mode
  /**
   * How many parts of the index were read. The number stands for the reader at whom the last part ends, so that the
   * cursor does not reveal a reader who may be out of reach.
   */
  readonly parts: number
  /** The last reader that was shown. */
  readonly after: string
}

const START: Place = { mode: 'begins', parts: 0, after: '' }

interface Wanted {
  readonly mode: Mode
  /** What addresses begin with; in mode `holds`, what they do not begin with. */
  readonly prefix: string
  /** Addresses contain one of these texts; empty: any address. */
  readonly texts: readonly string[]
  readonly reach: Reach
  readonly looksAt: number
}

/** Readers are stored in lower case and with A-labels, but an admin may search for a domain as it is displayed. */
function wantedOf(search: string): Pick<Wanted, 'mode' | 'prefix' | 'texts'> {
  if (search === '') return { mode: 'begins', prefix: '', texts: [] }
  const address = readerAddress(search)
  const texts = address === undefined ? spellingsOf(search) : [address]
  const prefix = (search.includes('@') ? texts.at(-1) : texts[0]) ?? search
  return { mode: 'begins', prefix, texts }
}

const containing = (wanted: Wanted): Wanted => ({ ...wanted, mode: 'holds' })

async function readPage(
  state: Database<StateTables>,
  wanted: Wanted,
  place: Place,
  limit: number,
): Promise<FoundReaders> {
  const { start, end } = await partOf(state, wanted, place.parts)
  const [, after = ''] = [start, place.after].sort(byOctets)
  const found = new Set<string>()
  for (const source of Object.values(ADDRESS_SOURCES)) {
    for (const reader of await readersIn(state, source, wanted, { after, end, limit: limit + 1 })) {
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
  return { readers, next: end && cursorOf(next), cut: end !== undefined }
}

/** How many entries of each index one search reads, which takes a tenth of a second. */
const LOOKED_AT = 100_000

/** The reader after whom a part of the index starts, and the one with whom it ends; undefined: the end of the index. */
async function partOf(
  state: Database<StateTables>,
  wanted: Wanted,
  parts: number,
): Promise<{ readonly start: string; readonly end: string | undefined }> {
  let start = ''
  for (let part = 0; ; part += 1) {
    const end = await endOfPart(state, wanted, start)
    if (part === parts || end === undefined) return { start, end }
    start = end
  }
}

/** The reader with whom a part ends, for a search without an index; undefined: it reads to the end. */
async function endOfPart(
  state: Database<StateTables>,
  wanted: Wanted,
  after: string,
): Promise<string | undefined> {
  if (wanted.reach === undefined && wanted.mode === 'begins') return undefined
  const ends: string[] = []
  for (const source of Object.values(ADDRESS_SOURCES)) {
    const row = await addressesFrom(state, source, prefixOf(wanted), after)
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
  bounds: { readonly after: string; readonly end: string | undefined; readonly limit: number },
): Promise<string[]> {
  const { mode, prefix, texts, reach } = wanted
  const column = sql.ref<string>(source.column)
  const rows = await addressesFrom(state, source, prefixOf(wanted), bounds.after)
    .distinct()
    .$if(bounds.end !== undefined, query => query.where(column, '<=', bounds.end ?? ''))
    .$if(mode === 'holds', query =>
      query
        .where(({ or }) => or(texts.map(text => contains(column, text))))
        .where(sql<boolean>`not ${begins(column, prefix)}`),
    )
    .where(withinDomains(column, reach))
    .limit(bounds.limit)
    .execute()
  return rows.map(row => row.reader)
}

const prefixOf = ({ mode, prefix }: Wanted): string => (mode === 'begins' ? prefix : '')

/** The addresses that begin with a prefix and come after a given one. */
function addressesFrom(state: Database<StateTables>, source: AddressSource, prefix: string, after: string) {
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

/** As the databases sort. JavaScript compares UTF-16 units, which orders characters above U+FFFF differently. */
const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
