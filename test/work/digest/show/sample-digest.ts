import { GROUPS } from '../../../../src/rules/policy/group.ts'
import type { DigestEntry, DigestView } from '../../../../src/work/digest/show/view.ts'

type Mail = DigestEntry['mail']

const MAIL: Mail = {
  partitionTag: 0,
  mailId: 'j_hWRAnY0bvs',
  rseqnum: 1,
  recipient: 'anna@example.com',
  content: 'S',
  kind: 'spam',
  because: { detail: 'unknown' },
  state: 'held',
  score: 7.24,
  sender: 'bounces+4711@mailer.shop.example',
  from: '"Garden Shop" <news@shop.example>',
  subject: 'Your order 4711 is waiting for you at the shop',
  size: 48_213,
  receivedAt: Date.UTC(2026, 2, 10, 6, 30),
  host: 'mx.example.com',
}

/** A token as long as real ones. */
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9'.repeat(11).slice(0, 210)

export const urlOf = (purpose: string, publicUrl = 'https://quarantine.example.com') =>
  `${publicUrl}/${purpose}/${TOKEN}`

export const entryOf = (mail: Partial<Mail> = {}, rest: Partial<DigestEntry> = {}): DigestEntry => ({
  mail: { ...MAIL, ...mail },
  group: 'wanted',
  offer: 'release',
  releasableUntil: Date.UTC(2026, 2, 22),
  releaseUrl: urlOf('release'),
  ...rest,
})

export const viewOf = (entries: readonly DigestEntry[], rest: Partial<DigestView> = {}): DigestView => ({
  reader: 'anna@example.com',
  language: 'en',
  timeZone: 'Europe/Paris',
  createdAt: Date.UTC(2026, 2, 11, 5),
  total: entries.length,
  since: Date.UTC(2026, 2, 10, 5),
  entries,
  groups: GROUPS.flatMap(group => {
    const total = entries.filter(entry => entry.group === group).length
    return total === 0 ? [] : [{ group, total }]
  }),
  releasableUntil: Date.UTC(2026, 2, 22),
  showsScore: false,
  waiting: undefined,
  news: [],
  moreNews: 0,
  brand: { name: '', logo: undefined },
  phrase: '',
  links: { digest: urlOf('digest'), preferences: urlOf('preferences'), canary: urlOf('more') },
  contact: 'postmaster@example.com',
  ...rest,
})
