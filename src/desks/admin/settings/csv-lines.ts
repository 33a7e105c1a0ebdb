import { parse } from 'csv-parse/sync'
import { CodedError } from '../../../ground/errors.ts'

/** One line of a CSV file. */
export interface CsvLine {
  /** Counted from 1. */
  readonly number: number
  /** Undefined when the line cannot be read. */
  readonly cells: readonly string[] | undefined
  /** Why the line cannot be read. */
  readonly fault: string
}

/**
 * Reads a CSV file (RFC 4180, UTF-8, with or without a byte order mark) line by line, so that an unclosed quote spoils
 * only its own line. It also takes the semicolons that spreadsheets write where the comma is the decimal sign. Empty
 * lines are left out.
 *
 * @throws CodedError CSV_INVALID when a line does not end
 */
export async function* csvLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<CsvLine> {
  let number = 0
  let separator: string | undefined
  for await (const octets of octetLines(input)) {
    number += 1
    const text = octets.length > MAX_LINE_LENGTH ? undefined : textOf(octets)
    if (text === undefined) {
      yield { number, cells: undefined, fault: octets.length > MAX_LINE_LENGTH ? TOO_LONG : NOT_UTF8 }
    } else if (separator === undefined && SEPARATOR_LINE.test(text)) {
      separator = SEPARATOR_LINE.exec(text)?.[1]
    } else if (!EMPTY.test(text)) {
      separator ??= separatorIn(text)
      yield { number, ...cellsOf(text, separator) }
    }
  }
}

const NOT_UTF8 = 'not in UTF-8: save the file as "CSV UTF-8"'

/** A spreadsheet writes empty lines as separators. */
const EMPTY = /^[\s,;]*$/

/** A first line that names the separator: some spreadsheets write it, others read it. */
const SEPARATOR_LINE = /^"?sep=([,;\t])"?$/i

/** Guesses the separator from the header, since no column name contains one. */
function separatorIn(header: string): string {
  const count = (separator: string) => header.split(separator).length
  return [',', ';', '\t'].reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best))
}

/** The most octets in a line; lines that we export have a few hundred. */
const MAX_LINE_LENGTH = 65_536

const TOO_LONG = `longer than ${MAX_LINE_LENGTH} octets`

const LF = 0x0a

const CR = 0x0d

async function* octetLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  let lineEnd: number | undefined
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk])
    lineEnd ??= lineEndIn(rest)
    let start = 0
    if (lineEnd !== undefined) {
      for (let end = rest.indexOf(lineEnd); end >= 0; end = rest.indexOf(lineEnd, start)) {
        yield rest.subarray(start, end)
        start = end + 1
      }
    }
    rest = rest.subarray(start)
    if (rest.length > MAX_LINE_LENGTH) throw new CodedError('CSV_INVALID', ENDLESS)
  }
  if (rest.length > 0) yield rest
}

/**
 * Recognises the line end by the end of the first line; undefined while that is unknown. A CR at the very end of what
 * has been read may be half of a CRLF.
 */
function lineEndIn(text: Buffer): number | undefined {
  const [cr, lf] = [text.indexOf(CR), text.indexOf(LF)]
  if (cr >= 0 && cr < text.length - 1 && (lf < 0 || lf > cr + 1)) return CR
  return lf < 0 ? undefined : LF
}

const ENDLESS = `There is a line of more than ${MAX_LINE_LENGTH} octets: expected a CSV file with one scope a line.`

function cellsOf(text: string, separator: string): Pick<CsvLine, 'cells' | 'fault'> {
  if (!text.includes('"')) return { cells: text.split(separator), fault: '' }
  try {
    const options = { relax_column_count: true, record_delimiter: '\n', delimiter: separator }
    const [cells = []] = parse(text, options)
    return { cells, fault: '' }
  } catch {
    return {
      cells: undefined,
      fault: 'its quotes do not match: expected "…" around a whole cell, and "" for a quote in it',
    }
  }
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets).replace(/\r$/, '')
  } catch {
    return undefined
  }
}
