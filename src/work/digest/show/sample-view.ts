import { KINDS } from '../../../ground/amavis/content.ts'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { DAY, HOUR } from '../../../ground/durations.ts'
import { groupOf } from '../../../rules/policy/group.ts'
import type { ReleaseNews } from './release-news.ts'
import type { DigestEntry, DigestView } from './view.ts'

const NOW = Date.UTC(2026, 2, 11, 5)

const NEWS = [
  'late',
  'refused',
  'busy',
  'gone',
  'stopped',
  'uncertain',
] as const satisfies readonly ReleaseNews[]

const SPAM_BORDER = 10

/** A held message, to try a template with. */
export const SAMPLE_MAIL: HeldMail = {
  partitionTag: 0,
  mailId: 'j_hWRAnY0bvs',
  rseqnum: 1,
  recipient: 'alice@example.com',
  content: 'S',
  kind: 'spam',
  because: { detail: 'unknown' },
  state: 'held',
  score: 7.24,
  sender: 'bounces@mailer.example',
  from: '"Garden Shop" <hello@garden.example>',
  subject: 'Your order 4711',
  size: 48_213,
  receivedAt: NOW - HOUR,
  host: 'mx.example.com',
}

/** Digests that together show all that a digest can show, to try a template with. */
export const SAMPLE_VIEWS: readonly DigestView[] = [
  viewWith({
    total: 300,
    entries: KINDS.flatMap(kind => [entryOf(kind, 'release'), entryOf(kind, 'confirm')]),
    waiting: { total: 3, isAtLeast: true, soon: 1, entries: [entryOf('spam', 'release')] },
    news: NEWS.map(what => ({
      mail: SAMPLE_MAIL,
      what,
      at: NOW - HOUR,
      releaseUrl: 'https://quarantine.example.com/release/sample',
    })),
    moreNews: 2,
  }),
  viewWith({
    total: 0,
    entries: [],
    since: undefined,
    contact: undefined,
    brand: { name: '', logo: undefined },
    phrase: '',
  }),
  viewWith({ entries: [entryOf('spam', 'release')], copyFor: 'deputy@example.com', phrase: '' }),
]

function entryOf(kind: HeldMail['kind'], offer: DigestEntry['offer']): DigestEntry {
  const recipient = offer === 'confirm' ? 'sales@example.com' : SAMPLE_MAIL.recipient
  return {
    mail: { ...SAMPLE_MAIL, kind, recipient },
    group: groupOf({ ...SAMPLE_MAIL, kind }, SPAM_BORDER),
    offer,
    releasableUntil: NOW + 7 * DAY,
    releaseUrl: 'https://quarantine.example.com/release/sample',
  }
}

function viewWith(fields: Partial<DigestView>): DigestView {
  const groups = Map.groupBy(fields.entries ?? [], ({ group }) => group)
  return {
    reader: 'alice@example.com',
    language: 'en',
    timeZone: 'UTC',
    createdAt: NOW,
    total: 1,
    since: NOW - DAY,
    entries: [],
    groups: [...groups].map(([group, { length }]) => ({ group, total: length })),
    releasableUntil: NOW + 7 * DAY,
    showsScore: true,
    waiting: undefined,
    news: [],
    moreNews: 0,
    brand: { name: 'Example Ltd', logo: { src: 'cid:sample', width: 40, height: 40 } },
    phrase: 'The blue teapot',
    links: {
      digest: 'https://quarantine.example.com/digest/sample',
      preferences: 'https://quarantine.example.com/preferences/sample',
      canary: 'https://quarantine.example.com/more/sample',
    },
    contact: 'postmaster@example.com',
    ...fields,
  }
}
