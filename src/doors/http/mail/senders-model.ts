import type { EntryEffect } from '../../../desks/senders/sender-desk.ts'
import { displayAddress } from '../../../ground/display/address.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { ListsOfOwner, StoredEntry } from '../../../ground/senders/sender-lists.ts'
import type { SenderList } from '../../../rules/senders/sender-entry.ts'
import { problemOf } from '../pages/page-problems.ts'
import type { Writer } from '../web/writer.ts'

/** What the page of a reader's lists shows. */
export interface ShownLists {
  /** The page's own. */
  readonly path: string
  readonly owner: string
  /** What else the reader may choose. */
  readonly owners: readonly string[]
  /** Undefined: they cannot be read now. */
  readonly lists: ListsOfOwner | undefined
  /** Counted from 1, as somebody has asked for it. */
  readonly page: number
  readonly asked?: AskedEntry | undefined
  readonly said?: ListsSaid | undefined
  /** What the field had that was just sent. */
  readonly typed?: string | undefined
}

/** An entry before it is saved. */
export interface AskedEntry {
  readonly sender: string
  readonly list: SenderList
  readonly effect: EntryEffect
}

/** What a form did. */
export type ListsSaid =
  | {
      readonly is: 'allowed' | 'blocked' | 'removed'
      readonly sender: string
      /** Where the sender was before; undefined: on no list, or nobody says so. */
      readonly was: SenderList | undefined
    }
  | { readonly is: 'failed'; readonly act: SenderList | 'remove'; readonly code: ErrorCode }

/** The model of `reader/senders`. */
export function sendersModel(shown: ShownLists, writer: Writer): object {
  const { owner, owners, lists, asked, said, typed } = shown
  const { words, url } = writer
  const entries = (lists?.entries ?? []).toSorted((a, b) => (a.sender < b.sender ? -1 : 1))
  const path = (query: Readonly<Record<string, string>> = {}) =>
    url(`${shown.path}?${new URLSearchParams({ of: owner, ...query })}`)
  const pages = Math.max(1, Math.ceil(entries.length / ROWS))
  const number = Math.min(pages, Math.max(1, Math.trunc(shown.page) || 1))
  return {
    wide: true,
    title: words.say('senders.page.title'),
    path: url(shown.path),
    owner,
    ownerShown: displayAddress(owner),
    owners:
      owners.length > 1
        ? owners.map(one => ({ value: one, label: displayAddress(one), isChosen: one === owner }))
        : undefined,
    standing: standingWords(lists, words),
    said: said && saidModel(said, lists, words),
    asked: asked && askedModel(asked, lists, words, path()),
    typed: displayText(typed ?? '', LONGEST_SENDER),
    count: words.say('senders.page.count', { count: entries.length }),
    hasEntries: entries.length > 0,
    entries: entries
      .slice((number - 1) * ROWS, number * ROWS)
      .map((entry, index) => rowOf(entry, index, words)),
    turn:
      pages > 1
        ? {
            number: writer.number(number),
            pages: writer.number(pages),
            previous: number > 1 ? path({ page: String(number - 1) }) : undefined,
            next: number < pages ? path({ page: String(number + 1) }) : undefined,
          }
        : undefined,
  }
}

/** Entries of one page. */
const ROWS = 200

const LONGEST_SENDER = 320

type Words = Writer['words']

function standingWords(lists: ListsOfOwner | undefined, words: Words): string | undefined {
  if (!lists) return words.say('senders.page.away')
  switch (lists.standing) {
    case 'follows':
      return undefined
    case 'inherits':
      return words.say('senders.page.ignored')
    case 'unknown':
      return words.say('senders.page.unknown')
  }
}

/**
 * With a form that undoes what was done. Undefined where the lists say otherwise: a link that somebody else has written
 * claims nothing that is not so.
 */
function saidModel(said: ListsSaid, lists: ListsOfOwner | undefined, words: Words): object | undefined {
  if (said.is === 'failed') {
    const { what, next } = problemOf(said.code, words)
    return {
      mood: 'bad',
      role: 'alert',
      text: words.say(`senders.said.not.${said.act}`),
      next: `${what} ${next}`,
      sender: undefined,
      undo: undefined,
    }
  }
  const { is, sender, was } = said
  if (
    !lists ||
    !holds(
      is,
      lists.entries.filter(entry => entry.sender === sender),
    )
  )
    return undefined
  const undo =
    was === undefined
      ? is !== 'removed' && { do: 'remove', list: LIST_OF[is], label: words.say('senders.unlist') }
      : { do: 'set', list: was, label: words.say('senders.page.undo') }
  return {
    mood: 'good',
    role: 'status',
    text: words.say(`senders.said.${is}`),
    next: '',
    sender: displayText(sender, LONGEST_SENDER),
    undo: undo && { ...undo, sender },
  }
}

const holds = (is: keyof typeof LIST_OF | 'removed', now: readonly StoredEntry[]): boolean =>
  is === 'removed' ? now.length === 0 : now.some(({ list }) => list === LIST_OF[is])

const LIST_OF = { allowed: 'allow', blocked: 'block' } as const

function askedModel(
  { sender, list, effect }: AskedEntry,
  lists: ListsOfOwner | undefined,
  words: Words,
  cancelUrl: string,
): object {
  const isIgnored = lists !== undefined && lists.standing !== 'follows'
  const present = lists?.entries.find(entry => entry.sender === sender)
  return {
    sender,
    shown: displayText(sender, LONGEST_SENDER),
    list,
    becomes: words.say(`senders.page.list.${list}`),
    present: present && words.say(`senders.present.${present.list}`),
    effect:
      list === 'allow'
        ? words.say(`senders.effect.${effect.isAtLeast ? 'atLeast' : 'exactly'}`, { count: effect.count })
        : undefined,
    cautions: [
      ...(isIgnored ? [words.say('senders.caution.ignored')] : []),
      ...(list === 'allow' ? [words.say('senders.caution.forgeable')] : []),
    ],
    cancelUrl,
  }
}

const rowOf = ({ sender, list, counts }: StoredEntry, index: number, words: Words): object => ({
  id: `entry-${index}`,
  sender,
  shown: displayText(sender, LONGEST_SENDER),
  list,
  becomes: words.say(`senders.page.list.${list}`),
  isDead: !counts,
})
