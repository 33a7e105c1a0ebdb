import { sentTo } from '../../../../ground/directory/sent-to.ts'
import type { Policies } from '../../../../rules/policy/policy.ts'
import { mayInQuarantine, type Viewer } from '../../../../rules/reach/viewer.ts'
import type { Order } from '../../../../rules/search/search.ts'
import { type HeldList, PAGE_SIZES } from '../../../../work/quarantine/held-list.ts'
import type { Writer } from '../../web/writer.ts'
import { messagePath } from '../message-show.ts'
import { keysModel } from './list-keys.ts'
import { type ListNotice, noticeModel } from './list-notice.ts'
import { directionOf, type ListPlace, listPath, listQuery } from './list-place.ts'
import { daysOf } from './list-rows.ts'
import { windowModel } from './list-window.ts'
import { searchModel } from './search-model.ts'
import { ANY_STATE, type ReadQuery } from './search-query.ts'

/** What the list shows, before it is written in a language. */
export interface ShownList {
  readonly place: ListPlace
  readonly read: ReadQuery
  /** Undefined where the search could not be read. */
  readonly found: HeldList | undefined
  readonly viewer: Viewer
  readonly root: string
  readonly policies: Policies
  readonly query: URLSearchParams
  readonly notice: ListNotice | undefined
}

/** The model of `templates/quarantine/list.html`. */
export function listModel(shown: ShownList, writer: Writer): object {
  const { place, read, found, root, notice, query } = shown
  const { words, url } = writer
  const at = (changes: Partial<ListPlace>) => url(listPath(root, { ...place, after: undefined, ...changes }))
  const here = listPath(root, place)
  const days = rowsModel(shown, writer)
  return {
    title: words.say('quarantine.list.title'),
    action: url(here),
    notice: notice && noticeModel(notice, root, writer),
    ...searchModel({ place, read, root }, writer),
    isSearch: place.q !== '',
    clearUrl: at({ q: '' }),
    ...windowModel({ found, read, at }, writer),
    isCut: found?.isCut ?? false,
    summaryUrl: url(`${root}/summary`),
    days: days.length > 0 ? days : undefined,
    columns: ORDERED_COLUMNS.map(order => columnModel(order, place, at, writer)),
    ...ticksModel(shown, writer),
    tickAllUrl: `${url(here)}${here.includes('?') ? '&' : '?'}ticked=all`,
    allTicked: query.get('ticked') === 'all',
    releaseAllUrl: url(allPath(shown, 'release')),
    deleteAllUrl: url(allPath(shown, 'delete')),
    empty: emptyModel(shown, at, writer),
    ...turnModel(shown, at, writer),
    keys: keysModel(words, mayInQuarantine(shown.viewer, 'release')),
  }
}

function rowsModel({ found, place, viewer, root, policies }: ShownList, writer: Writer): object[] {
  const list = listQuery(place)
  return daysOf(found?.messages ?? [], {
    writer,
    policies,
    viewer,
    messagePath: ref =>
      `${messagePath(root, ref)}${list.size > 0 ? `?${new URLSearchParams({ list: String(list) })}` : ''}`,
    isByDay: place.sort === 'date',
    recipientShown: recipient =>
      viewer.as === 'admin' ? recipient : sentTo(recipient, viewer.visitor.reader),
  })
}

/** In the order of the table. */
const ORDERED_COLUMNS = [
  'sender',
  'subject',
  'type',
  'score',
  'size',
  'date',
] as const satisfies readonly Order[]

type At = (changes: Partial<ListPlace>) => string

/** A column's heading sorts by it; the one by which the list is sorted turns the order around. */
function columnModel(order: Order, place: ListPlace, at: At, { words }: Writer): object {
  const isSorted = order === place.sort
  const isAscending = place.direction === 'ascending'
  const turned = isAscending ? 'descending' : 'ascending'
  return {
    name: order,
    label: words.say(`quarantine.column.${order}`),
    sorted: isSorted ? place.direction : undefined,
    arrow: isSorted ? (isAscending ? '↑' : '↓') : undefined,
    url: at({ sort: order, direction: isSorted ? turned : directionOf(order) }),
  }
}

/** One sentence for each number of ticks, because only the server knows the plural forms of the language. */
function ticksModel({ found, viewer }: ShownList, { words }: Writer): object {
  const open = (found?.messages ?? []).filter(({ recipients }) =>
    recipients.some(({ state }) => state === 'held' || state === 'requested'),
  )
  return {
    mayTick: open.length > 0 && mayInQuarantine(viewer, 'release'),
    counts: open.map((_, index) => words.say('quarantine.list.ticked', { count: index + 1 })).join('\n'),
  }
}

/** The page that asks whether all that match are meant. */
const allPath = ({ place, root }: ShownList, act: 'release' | 'delete'): string =>
  `${root}/bulk?${new URLSearchParams([['act', act], ...listQuery({ ...place, after: undefined })])}`

/** What was searched for may have been released or deleted: a search that names no state leaves that out. */
function emptyModel({ place, read, found }: ShownList, at: At, { words }: Writer): object {
  const key =
    found?.lookedBackTo !== undefined || found?.next !== undefined
      ? 'noneYet'
      : place.q === ''
        ? 'nothing'
        : 'notFound'
  return {
    what: words.say(`quarantine.list.${key}`),
    next: words.say(`quarantine.list.${key}Next`),
    everyStateUrl: read.search?.states.length === 0 ? at({ q: `${place.q} ${ANY_STATE}`.trim() }) : undefined,
  }
}

function turnModel({ found, place }: ShownList, at: At, { number, time, words }: Writer): object {
  const next = found?.next
  const isFirst = place.after === undefined
  const lookedBackTo = found?.lookedBackTo
  return {
    goOn:
      lookedBackTo !== undefined && next !== undefined
        ? {
            text: words.say('quarantine.list.lookedBackTo', { when: time(lookedBackTo, 'moment') }),
            url: at({ after: next }),
          }
        : undefined,
    hasTurn: found !== undefined && (!isFirst || next !== undefined || found.messages.length > 0),
    firstUrl: isFirst ? undefined : at({}),
    nextUrl: next !== undefined && lookedBackTo === undefined ? at({ after: next }) : undefined,
    sizes: PAGE_SIZES.map(per => ({ label: number(per), url: at({ per }), current: per === place.per })),
  }
}
