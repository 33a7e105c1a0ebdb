import { parse } from 'csv-parse/sync'
import { CodedError } from '../errors.ts'

/** One line of a CSV file. */
export interface CsvLine {
  /** Counted from 1. */
  readonly number: number
  /** Undefined when it cannot be read. */
  readonly cells: readonly string[] | undefined
  /** What is wrong with it, when it cannot be read. */
  readonly fault: string
}

/**
 * Reads a CSV file (RFC 4180, UTF-8, with or without a byte order mark) line by line: a quote that is not closed spoils
 * its own line alone. Empty lines are left out.
 *
 * @throws CodedError CSV_INVALID when it has a line that is none
 */
export async function* csvLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<CsvLine> {
  let number = 0
  for await (const octets of octetLines(input)) {
    number += 1
    const line = lineOf(octets, number)
    if (line) yield line
  }
}

/** Octets of a line; ours have some hundred. */
const LONGEST_LINE = 65_536

const LF = 0x0a

async function* octetLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk])
    let start = 0
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF, start)) {
      yield rest.subarray(start, end)
      start = end + 1
    }
    rest = rest.subarray(start)
    if (rest.length > LONGEST_LINE) throw new CodedError('CSV_INVALID', ENDLESS)
  }
  if (rest.length > 0) yield rest
}

const ENDLESS = `There is a line of more than ${LONGEST_LINE} octets: expected a CSV file with one scope a line.`

function lineOf(octets: Uint8Array, number: number): CsvLine | undefined {
  const bad = (fault: string): CsvLine => ({ number, cells: undefined, fault })
  if (octets.length > LONGEST_LINE) return bad('longer than a line can be')
  const text = textOf(octets)
  if (text === undefined) return bad('not in UTF-8: save the file as "CSV UTF-8"')
  // A spreadsheet writes empty lines as commas.
  if (/^[\s,]*$/.test(text)) return undefined
  if (!text.includes('"')) return { number, cells: text.split(','), fault: '' }
  try {
    const [cells] = parse(text, { relax_column_count: true, record_delimiter: '\n' })
    return cells ? { number, cells, fault: '' } : undefined
  } catch {
    return bad('its quotes do not match: expected "…" around a whole cell, and "" for a quote in it')
  }
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets).replace(/\r$/, '')
  } catch {
    return undefined
  }
}
