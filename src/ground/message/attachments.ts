import { createHash } from 'node:crypto'
import { displayText } from '../display/text.ts'
import { decodedBody } from './mime/decoded-body.ts'
import type { Part } from './mime/part-tree.ts'
import { sniffedType } from './octets/sniffed-type.ts'

export interface Attachment {
  /** Its place in the message, from 0: names it in a download. */
  readonly index: number
  /** Safe to show, and without a path. */
  readonly name: string
  /** As the message declares it. */
  readonly type: string
  /** As its first octets show it; undefined: not recognised. */
  readonly sniffedType: string | undefined
  /** Octets, decoded. */
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** Describes an attachment. Its transfer encoding is undone, and nothing is unpacked. */
export async function attachmentOf(part: Part, index: number): Promise<Attachment> {
  const octets = decodedBody(part)
  return {
    index,
    name: attachmentName(part, index),
    type: displayText(part.type.value, MOST_OF_TYPE),
    sniffedType: await sniffedType(octets),
    size: octets.length,
    sha256: createHash('sha256').update(octets).digest('hex'),
  }
}

/** The name that its sender gave it, or one by its place. */
export function attachmentName({ disposition, type }: Part, index: number): string {
  const given = disposition.parameters.get('filename') || type.parameters.get('name') || ''
  const name = shortened(
    displayText(given.slice(-MOST_OF_RAW_NAME).replace(/^.*[/\\]/s, ''), MOST_OF_RAW_NAME),
  )
  if (name.replace(/[.\s]/g, '') !== '') return name
  return type.value === 'message/rfc822' ? `message-${index + 1}.eml` : `attachment-${index + 1}`
}

/** The end of a long name says what it is (`invoice …… .exe`). */
const shortened = (name: string): string =>
  name.length <= MOST_OF_NAME
    ? name
    : `${name.slice(0, MOST_OF_NAME - SHOWN_END)}…${name.slice(-SHOWN_END)}`.toWellFormed()

const MOST_OF_TYPE = 100
const MOST_OF_NAME = 120
const SHOWN_END = 30
const MOST_OF_RAW_NAME = 2000
