import { Failure } from './failure.ts'

/** A message as it leaves the quarantine. */
export interface ResentMessage {
  readonly sender: string
  /** The recipients that it was held for. They get it if the request names nobody. */
  readonly blocked: readonly string[]
  /** The message without what amavisd put on top of it, under the fields of RFC 5322, section 3.6.6. */
  text(resent: Resent): Buffer
}

export interface Resent {
  readonly requestedBy: string | undefined
  readonly recipient: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The mail id of the copy. */
  readonly mailId: string
}

/** Reads a quarantined text as amavisd's `msg_from_quarantine` does: amavisd's own fields first, then the message. */
export function parseQuarantined(stored: Buffer, mailId: string): ResentMessage {
  const { own, length } = ownFields(stored)
  const storedId = /^<?(.*?)>?$/.exec(own.get('x-quarantine-id') ?? '')?.[1] ?? ''
  if (storedId !== mailId) {
    throw new Failure(`Stored quarantine ID '${storedId}' does not match requested ID '${mailId}'`)
  }
  const message = stored.subarray(length)
  return {
    sender: addresses(own.get('x-envelope-from'))[0] ?? '',
    blocked: addresses(own.get('x-envelope-to-blocked')),
    text: resent => Buffer.concat([Buffer.from(resentFields(resent, mailId)), message]),
  }
}

/** The fields that amavisd itself put on top, and how many octets they take. */
function ownFields(stored: Buffer): { own: Map<string, string>; length: number } {
  const header = stored.subarray(0, stored.indexOf('\n\n') + 1).toString('latin1')
  const own = new Map<string, string>()
  let length = 0
  for (const [field, name, body] of header.matchAll(/([^:\n]*):((?:.|\n[ \t])*)\n/g)) {
    if (!OWN_FIELD.test(`${name}`)) break
    own.set(`${name}`.toLowerCase(), Buffer.from(`${body}`, 'latin1').toString().trim())
    length += field.length
  }
  return { own, length }
}

const OWN_FIELD =
  /^(Delivered-To|Return-Path|X-Envelope-(From|To|To-Blocked)|X-Quarantine-ID|X-Amavis-(Hold|Alert|Modified|PenPals|PolicyBank|OS-Fingerprint)|X-Spam-.+)$/i

const addresses = (list = ''): string[] =>
  [...list.matchAll(/<([^<>]*)>/g)].map(([, address]) => address ?? '').filter(address => address !== '')

function resentFields({ requestedBy, recipient, at, mailId }: Resent, parentId: string): string {
  const date = new Date(at).toUTCString().replace('GMT', '+0000')
  return [
    ...(requestedBy
      ? [`Resent-From: <${requestedBy}>`, `Resent-Sender: ${FILTER}`]
      : [`Resent-From: ${FILTER}`]),
    `Resent-To: <${recipient}>`,
    `Resent-Date: ${date}`,
    `Resent-Message-ID: <${parentId}-${mailId}@mx.example.com>`,
    `Received: from mx.example.com ([127.0.0.1])\n by localhost (amavis-digest demo)\n id ${mailId} for <${recipient}>;\n ${date}`,
    '',
  ].join('\n')
}

/** `$hdrfrom_notify_recip` */
const FILTER = '"Content-filter at mx.example.com" <postmaster@mx.example.com>'
