import type { HeldMail } from '../../ground/amavis/held-mail.ts'
import { displayAddress } from '../../ground/display/address.ts'
import { withoutTestStrings } from '../../ground/display/disguise.ts'
import { formatList, formatTime, knownTimeZone, type Place } from '../../ground/display/format.ts'
import { inertForText } from '../../ground/display/inert.ts'
import { whyHeld } from '../../ground/display/reason.ts'
import type { Words } from '../../ground/i18n/locales.ts'
import type { Letter } from '../../ground/mail/plain-mail.ts'
import { senderOf, subjectOf } from './reader-letter.ts'
import type { RequestRow } from './request-rows.ts'

/** What waits for an admin. */
export interface WaitingForAdmin {
  /** Those that wait longest, at most `MOST_LISTED`. */
  readonly requests: readonly {
    readonly request: RequestRow
    /** Undefined: amavis's tables no longer have it. */
    readonly mail: HeldMail | undefined
  }[]
  /** How many wait altogether. */
  readonly total: number
  /** The page on which they are decided, or to which they are one tap away. No link decides. */
  readonly url: string
  readonly place: Place
}

export const MOST_LISTED = 20

/** Tells an admin what readers have asked for. */
export function adminLetter(
  words: Words,
  to: string,
  { requests, total, url, place }: WaitingForAdmin,
): Letter {
  const more = total - requests.length
  return {
    to,
    subject: words.say('mail.requests.admins.subject', { count: total }),
    paragraphs: [
      words.say('mail.requests.admins.what'),
      ...requests.map(each => lineOf(words, each, place)),
      ...(more > 0 ? [words.say('mail.requests.admins.more', { count: more })] : []),
    ],
    link: { url, label: words.say('mail.requests.admins.link', { count: total }) },
    afterwards: [words.say('mail.requests.admins.how', { timeZone: knownTimeZone(place) })],
  }
}

function lineOf(words: Words, { request, mail }: WaitingForAdmin['requests'][number], place: Place): string {
  return words.say('mail.requests.admins.line', {
    subject: mail ? subjectOf(words, mail) : '…',
    sender: mail ? senderOf(mail) : '…',
    recipient: displayAddress(request.recipient),
    why: withoutTestStrings(inertForText(whyHeld(mail ?? { kind: request.kind, because: UNKNOWN }, words))),
    who: whoAsked(words, request),
    since: formatTime(request.askedAt, 'moment', place),
  })
}

const UNKNOWN = { detail: 'unknown' } as const

function whoAsked(words: Words, { readers }: RequestRow): string {
  if (readers.length === 0) return words.say('mail.requests.admins.program')
  return formatList(
    readers.slice(0, MOST_READERS).map(reader => displayAddress(reader)),
    words.language,
  )
}

/** More make no difference to a decision. */
const MOST_READERS = 5
