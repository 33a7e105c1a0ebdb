import type { RequestWithMail } from '../../../../desks/requests/request-desk.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { personName } from '../../../../ground/display/person-name.ts'
import type { Decider, ReleaseRequested, RequestState } from '../../../../work/requests/request.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../../web/writer.ts'
import type { Badge } from '../frame/badges.ts'
import { breakable } from '../frame/breakable.ts'

/** The path of the page of a request. */
export const requestPath = (id: string): string => `/admin/requests/${encodeURIComponent(id)}`

/** A request as a row of the list. */
export const requestRow = ({ request, mail }: RequestWithMail, writer: Writer): object => ({
  url: writer.url(requestPath(request.id)),
  mail: mail && mailModelOf(mail, writer.words, writer.place),
  kind: writer.words.say(`kind.${request.kind}`),
  recipientParts: breakable(displayAddress(request.recipient, 255)),
  readers: askersWords(request, writer),
  askedAt: writer.time(request.askedAt),
  state: requestBadge(request.state, writer),
  ...decisionWords(request, writer),
})

/** What has become of a request. */
export const requestBadge = (state: RequestState, { words }: Writer): Badge => ({
  label: words.say(`admin.request.${state}`),
  mood: MOODS[state],
})

const MOODS: Readonly<Record<RequestState, string>> = {
  waiting: 'wait',
  approved: 'good',
  refused: 'bad',
  released: 'good',
  expired: '',
  gone: '',
}

/** Who asked, in words: the first few of them. */
export function askersWords({ readers }: ReleaseRequested, { words, place }: Writer): string {
  if (readers.length === 0) return words.say('admin.requests.otherProgram')
  const named = readers.slice(0, MOST_NAMED).map(reader => displayAddress(reader, 255))
  const others = readers.length - named.length
  const all = others > 0 ? [...named, words.say('admin.requests.others', { count: others })] : named
  return new Intl.ListFormat(place.language).format(all)
}

const MOST_NAMED = 5

/** Who decided and when, in sentences. Undefined for what nobody did. */
export const decisionWords = ({ state, first, decided }: ReleaseRequested, writer: Writer) => ({
  first: state === 'waiting' && first ? byAndWhen('first', first, writer) : undefined,
  decided:
    decided && (state === 'approved' || state === 'refused') ? byAndWhen(state, decided, writer) : undefined,
})

const byAndWhen = (key: 'first' | 'approved' | 'refused', { by, at }: Decider, writer: Writer): string =>
  writer.words.say(`admin.requests.by.${key}`, { who: personName(by), when: writer.time(at) })
