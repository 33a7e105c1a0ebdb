import { displayText } from '../../display/text.ts'
import type { Answer, DirectoryReader, Step } from '../directory.ts'
import { ownerLanguage, ownerName, ownerTimeZone } from '../owner-facts.ts'
import { readerAddress } from '../reader-address.ts'
import { MAX_ROWS, type QueryRow } from './ask-query.ts'

/**
 * What the rows of an admin's query say about an address. If there are too many, nobody is its reader: such a query has
 * most likely forgotten its condition, and would show everybody's mail to everybody.
 */
export function answerFrom(address: string, rows: readonly QueryRow[]): Answer {
  // Rows without a reader count: no more than these were asked for.
  if (rows.length > MAX_ROWS) return nobody(address, 'too-many', `more than ${MAX_ROWS} rows`)
  const named = rows.filter(({ reader }) => reader !== null)
  if (named.length === 0) return nobody(address, 'unknown', null)
  const readers = new Map<string, DirectoryReader>()
  const by: Step[] = []
  for (const [index, row] of named.entries()) {
    const reader = readerAddress(row.reader?.trim() ?? '')
    if (reader === undefined) {
      by.push(stepToNobody(address, index, row))
      continue
    }
    if (!readers.has(reader)) by.push(stepTo(address, reader, index))
    readers.set(reader, completed(readers.get(reader), reader, row))
  }
  return { readers: [...readers.values()].sort(byAddress), by }
}

const nobody = (address: string, is: Step['is'], row: string | null): Answer => ({
  readers: [],
  by: [{ is, from: address, to: null, row }],
})

const stepTo = (address: string, reader: string, index: number): Step => ({
  is: reader === address ? 'mailbox' : 'alias',
  from: address,
  to: reader,
  row: `row ${index + 1}`,
})

const stepToNobody = (address: string, index: number, { reader }: QueryRow): Step => ({
  is: 'unknown',
  from: address,
  to: null,
  row: `row ${index + 1}: ${displayText(reader ?? '', MAX_SHOWN)}`,
})

/** Graphemes. */
const MAX_SHOWN = 80

/** One reader may come in several rows: the first that knows a fact tells it. */
const completed = (known: DirectoryReader | undefined, address: string, row: QueryRow): DirectoryReader => ({
  address,
  isOff: false,
  language: known?.language ?? ownerLanguage(row.language),
  timeZone: known?.timeZone ?? ownerTimeZone(row.timeZone),
  name: known?.name ?? ownerName(row.name),
})

const byAddress = (one: DirectoryReader, other: DirectoryReader): number =>
  one.address < other.address ? -1 : 1
