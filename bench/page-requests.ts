import type { Group } from './get-routes.ts'

/** What is in the tables, to be asked for. */
export interface Sample {
  /** From those with most mail to those with least. */
  readonly readers: readonly string[]
  readonly digests: readonly SampleDigest[]
  /** Ids of what readers have asked for. */
  readonly requests: readonly string[]
}

export interface SampleDigest {
  readonly id: string
  readonly reader: string
  /** One of the messages that it lists, as `TAG.MAIL_ID.RSEQNUM`. */
  readonly ref: string
  readonly tokens: Readonly<Record<'release' | 'digest' | 'preferences' | 'more', string>>
}

export interface PageRequest {
  /** Path and query. */
  readonly target: string
  /** Whose mail it is about. */
  readonly reader: string
}

/**
 * The nth request to a route. Each is for somebody else's mail, and a list is asked for in all the ways that make it
 * look for its rows differently. One in two continues a list where the last answer has ended.
 *
 * @param next where the last page of this list has ended; undefined: it was the last one
 */
export function pageRequest(
  group: Group,
  route: string,
  nth: number,
  sample: Sample,
  next: string | undefined,
): PageRequest {
  const digest = at(sample.digests, nth)
  const reader = route.includes('ref') || group === 'links' ? digest.reader : at(sample.readers, nth)
  const values: Readonly<Record<string, string>> = {
    reader,
    address: reader,
    scope: reader,
    owner: reader,
    domain: `@${reader.split('@')[1]}`,
    sender: `news${nth}@shop${nth}.example`,
    name: 'daily',
    index: '0',
    page: '1',
    nth: String(nth),
    ref: digest.ref,
    id: idIn(route, nth, sample),
    token: at(
      Object.values(digest.tokens),
      TOKENS.findIndex(kind => route.split('/').includes(kind)),
      0,
    ),
  }
  const fill = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  const queries = QUERIES[route] ?? ['']
  const query = next !== undefined && nth % 2 === 1 ? next : fill(at(queries, nth >> 1))
  return { target: `${fill(route.replaceAll(/:(\w+)/g, '{$1}'))}${query && `?${query}`}`, reader }
}

/** In the order of `SampleDigest.tokens`. */
const TOKENS = ['release', 'digest', 'preferences', 'more'] as const

function idIn(route: string, nth: number, { digests, requests }: Sample): string {
  if (route.includes('/digests/')) return at(digests, nth).id
  return route.includes('/requests/') ? at(requests, nth) : 'none'
}

function at<T>(list: readonly T[], nth: number, standard?: number): T {
  const found = list[(nth < 0 ? (standard ?? 0) : nth) % list.length]
  if (found === undefined) throw new TypeError('there is nothing to ask for')
  return found
}

const SEARCHES = [
  'waiting order',
  'zebra',
  'from:{sender}',
  'subject:shop',
  'type:banned',
  'is:released',
  'score:>34',
]
const ORDERS = ['date', 'score', 'sender', 'subject', 'size', 'type']
const HELD = [
  '',
  ...SEARCHES.map(words => `q=${words.replaceAll(' ', '+')}`),
  ...ORDERS.map(order => `sort=${order}`),
]
const OF_READERS = ['', 'reader={reader}', 'reader={domain}']
const DAYS = ['', 'days=31', 'days=90']
const STATES = (states: readonly string[]) => states.map(state => `state=${state}`)
const DIGESTS = [...OF_READERS, ...STATES(['sent', 'pending', 'failed']), 'run=run-3']
const RELEASES = [...OF_READERS, ...STATES(['released', 'failed', 'queued'])]

/** Without these, a route is asked for without a query. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  '/mail': HELD,
  '/mail/summary': ['', 'days=30', 'days=90'],
  '/admin/schedules/edit': ['name=daily'],
  '/admin/schedules/remove': ['name=daily'],
  '/admin/schedules/calendar': ['', 'days=14', 'days=31'],
  '/admin/readers': ['', 'search=reader7', 'search=d77.example', 'search={reader}'],
  '/admin/readers/of': ['whom={reader}', 'whom={domain}', 'whom=@'],
  '/admin/readers/preview': ['whom={reader}'],
  '/admin/digests': DIGESTS,
  '/admin/releases': RELEASES,
  '/admin/requests': ['', ...STATES(['waiting', 'approved', 'any'])],
  '/admin/senders': ['', 'owner={reader}', 'owner={domain}', 'owner={reader}&sender={sender}&list=block'],
  '/admin/clicks': DAYS,
  '/admin/changes': OF_READERS,
  '/admin/held': HELD,
  '/admin/held/summary': ['', 'days=30', 'days=90'],
  '/admin/as': ['', 'search=reader7', 'search=d77'],
  '/admin/as/:reader': HELD,
  '/calendar': ['days=7', 'days=31'],
  '/recipients': ['', 'search=d77.example', 'limit=100'],
  '/readers': ['', 'search=reader7', 'search=d77.example'],
  '/digests': DIGESTS,
  '/releases': RELEASES,
  '/held': [
    '',
    ...SEARCHES.map(words => `search=${words.replaceAll(' ', '+')}`),
    ...ORDERS.map(order => `sort=${order}`),
    'recipient={reader}',
  ],
  '/held/summary': ['days=14', 'days=90'],
  '/requests': ['', ...STATES(['waiting', 'approved'])],
  '/overview': ['', 'days=30', 'days=90'],
  '/clicks': ['days=30', 'days=90'],
  '/status': ['', 'limit=100'],
  '/audit': OF_READERS,
}
