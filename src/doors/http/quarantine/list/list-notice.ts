import { type HeldRef, parseHeldRef } from '../../../../work/collect/held-ref.ts'
import type { Writer } from '../../web/writer.ts'
import { messagePath } from '../message-show.ts'
import type { ListPlace } from './list-place.ts'
import { listPath } from './list-place.ts'

/** What the list says was done, after a form of it was sent: `?done=deleted&of=REF`. */
export interface ListNotice {
  readonly done: ListDone
  /** The message that it is about, if it is one. */
  readonly of: HeldRef | undefined
}

const DONE = [
  'released',
  'queued',
  'requested',
  'already-released',
  'deleted',
  'restored',
  'not-restored',
  'being-released',
  'gone',
  'nothing',
  'failed',
  'confirm',
] as const

export type ListDone = (typeof DONE)[number]

export function noticeIn(query: URLSearchParams): ListNotice | undefined {
  const done = DONE.find(name => name === query.get('done'))
  const of = query.get('of') ?? ''
  return done && { done, of: parseHeldRef(of) ? of : undefined }
}

/** The path of the list at this place, with a notice, scrolled to where the form was sent. */
export function pathWithNotice(
  root: string,
  place: ListPlace,
  { done, of }: ListNotice,
  row: number | undefined,
): string {
  const path = listPath(root, place)
  const notice = new URLSearchParams({ done, ...(of !== undefined && { of }) })
  return `${path}${path.includes('?') ? '&' : '?'}${notice}${row === undefined ? '' : `#about-${row}`}`
}

/** The notice in words, with a button that undoes a deletion, or a link where the message has to be looked at. */
export function noticeModel({ done, of }: ListNotice, root: string, { words, url }: Writer): object {
  return {
    text: words.say(`quarantine.notice.${done}`),
    mood: MOODS[done],
    undo: done === 'deleted' && of !== undefined ? `restore:${of}` : undefined,
    link: LOOKED_AT.has(done) && of !== undefined ? url(messagePath(root, of)) : undefined,
  }
}

const MOODS = {
  released: 'good',
  queued: 'wait',
  requested: 'wait',
  'already-released': 'good',
  deleted: 'good',
  restored: 'good',
  'not-restored': 'wait',
  'being-released': 'wait',
  gone: 'wait',
  nothing: 'wait',
  failed: 'bad',
  confirm: 'wait',
} as const satisfies Record<ListDone, string>

const LOOKED_AT: ReadonlySet<ListDone> = new Set(['failed', 'confirm'])
