import { bodyOf, headerFields } from '../octets/header-fields.ts'
import { LIMITS, TooLarge } from '../octets/limits.ts'
import { type StructuredField, structuredField } from './parameters.ts'

/** A part of a message, or the message itself. Its octets are a view: nothing is copied or decoded. */
export interface Part {
  readonly type: StructuredField
  readonly disposition: StructuredField
  /** In lower case. */
  readonly encoding: string
  /** Without its brackets. */
  readonly contentId: string
  /** As it was sent, still encoded. */
  readonly body: Uint8Array
  /** Of a multipart. Empty for a leaf. */
  readonly parts: readonly Part[]
}

/**
 * Divides a message into its parts (RFC 2046). A message within a message stays one leaf. postal-mime, which reads the
 * mails of the demo, keeps an object for each line: 10 MB of empty lines took 4 GB and a minute and a half.
 *
 * @throws TooLarge when there are too many parts, too many within each other, or too large headers
 */
export const partTree = (message: Uint8Array): Part => partOf(message, newBudget(), 0, 'text/plain')

/** What all parts together have used. */
interface Budget {
  parts: number
  headers: number
}

const newBudget = (): Budget => ({ parts: 0, headers: 0 })

function partOf(octets: Uint8Array, budget: Budget, depth: number, standardType: string): Part {
  const bodyAt = bodyOf(octets)
  budget.parts += 1
  budget.headers += bodyAt
  if (budget.parts > LIMITS.parts) throw new TooLarge('too many parts')
  if (depth > LIMITS.nesting) throw new TooLarge('too many parts within parts')
  if (budget.headers > LIMITS.headers) throw new TooLarge('too large headers')
  const fields = contentFields(octets.subarray(0, bodyAt))
  const body = octets.subarray(bodyAt)
  const type = structuredField(fields.get('content-type') || standardType)
  const boundary = type.value.startsWith('multipart/') ? type.parameters.get('boundary') : undefined
  const childType = type.value === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
  const bodies = boundary ? bodiesBetween(body, boundary, LIMITS.parts - budget.parts) : []
  return {
    type:
      /^[^\s/]+\/[^\s/]+$/.test(type.value) && (bodies.length > 0 || !type.value.startsWith('multipart/'))
        ? type
        : PLAIN,
    disposition: structuredField(fields.get('content-disposition') ?? ''),
    encoding: (fields.get('content-transfer-encoding') ?? '').trim().toLowerCase(),
    contentId: (fields.get('content-id') ?? '').replace(/^\s*<|>\s*$/g, ''),
    body,
    parts: bodies.map(part => partOf(part, budget, depth + 1, childType)),
  }
}

/** What has no known type is shown as text, and so is a multipart in which no part begins. */
const PLAIN = structuredField('text/plain')

/** The fields that say how to read a part. Of two, the first counts. */
function contentFields(header: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>()
  for (const { name, value } of headerFields(header)) {
    if (name.startsWith('content-') && !fields.has(name)) fields.set(name, value)
  }
  return fields
}

/** @param most parts that are wanted; one more is returned if there are more */
function bodiesBetween(body: Uint8Array, boundary: string, most: number): Uint8Array[] {
  const octets = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`--${boundary}`)
  const bodies: Uint8Array[] = []
  let from: number | undefined
  for (let at = octets.indexOf(delimiter); at >= 0; at = octets.indexOf(delimiter, at + 1)) {
    const line = delimiterLine(octets, at, delimiter.length)
    if (!line) continue
    if (from !== undefined) bodies.push(body.subarray(from, Math.max(from, beforeLineEnd(octets, at))))
    from = line.next
    if (line.isLast || bodies.length > most) return bodies
  }
  // The last delimiter is missing: the message was cut off, or its sender's program was careless.
  if (from !== undefined) bodies.push(body.subarray(from))
  return bodies
}

/** @returns undefined if the delimiter is not alone on its line */
function delimiterLine(
  octets: Buffer,
  at: number,
  length: number,
): { readonly next: number; readonly isLast: boolean } | undefined {
  if (at > 0 && octets[at - 1] !== LF) return undefined
  const isLast = octets[at + length] === DASH && octets[at + length + 1] === DASH
  let end = at + length + (isLast ? 2 : 0)
  while (octets[end] === BLANK || octets[end] === TAB || octets[end] === CR) end += 1
  if (end < octets.length && octets[end] !== LF) return undefined
  return { next: Math.min(end + 1, octets.length), isLast }
}

/** The line's end before a delimiter belongs to it (RFC 2046, section 5.1.1). */
const beforeLineEnd = (octets: Buffer, at: number): number =>
  octets[at - 2] === CR ? at - 2 : Math.max(0, at - 1)

const LF = 0x0a
const CR = 0x0d
const TAB = 0x09
const BLANK = 0x20
const DASH = 0x2d
