import type { PageRequest } from '../../../../desks/admin/listing/paging.ts'
import {
  type FoundMessage,
  MESSAGE_STATES,
  type MessageQuery,
} from '../../../../desks/admin/messages/find-messages.ts'
import { KINDS } from '../../../../ground/amavis/content.ts'
import { sentTo } from '../../../../ground/directory/sent-to.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import type { Writer } from '../../web/writer.ts'
import { breakable } from '../frame/breakable.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { type ListFilter, listPage } from '../frame/list-page.ts'
import { mailRows } from '../frame/mail-rows.ts'
import { optionsOf } from '../frame/options.ts'
import { readerFilter } from '../frame/reader-filter.ts'
import { pathOf } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'

export interface MessagesRouteDeps extends DeskDeps {
  /** The time zone in which days begin. */
  readonly timeZone: string
}

/** GET /admin/messages?reader=ADDRESS&state=STATE&kind=KIND&day=2026-03-11&after=PLACE: what was held. */
export const listMessages = ({ desk, timeZone }: MessagesRouteDeps): AdminHandler =>
  listPage({
    name: 'messages',
    filter: query => messagesFilter(query, timeZone),
    find: desk.messages.list,
    row: messageRow,
  })

type Criteria = Omit<MessageQuery, keyof PageRequest>

function messagesFilter(query: URLSearchParams, timeZone: string): ListFilter<Criteria> {
  const { criteria, fields, model } = readerFilter(query)
  const state = MESSAGE_STATES.find(name => name === query.get('state'))
  const kind = KINDS.find(name => name === query.get('kind'))
  const day = /^\d{4}-\d{2}-\d{2}$/.exec(query.get('day') ?? '')?.[0]
  const midnight = day === undefined ? Number.NaN : Date.parse(day)
  return {
    criteria: criteria && {
      ...criteria,
      state,
      kind,
      day: Number.isNaN(midnight) ? undefined : midnight,
      timeZone,
    },
    fields: { ...fields, state: state ?? '', kind: kind ?? '', day: day ?? '' },
    model: writer => ({
      ...model(writer),
      states: optionsOf(MESSAGE_STATES, state, value => writer.words.say(`admin.messages.state.${value}`)),
      kinds: optionsOf(KINDS, kind, value => writer.words.say(`admin.kind.${value}`)),
      day: day ?? '',
    }),
  }
}

function messageRow(message: FoundMessage, writer: Writer): object {
  const [row] = mailRows([message], writer)
  return {
    ...row,
    otherReader:
      sentTo(message.recipient, message.reader) === ''
        ? undefined
        : breakable(displayAddress(message.reader, 255)),
    readerUrl: writer.url(pathOf(message.reader)),
    digestUrl: message.digestId === null ? undefined : writer.url(`/admin/digests/${message.digestId}`),
  }
}
