import type { z } from 'zod'
import { CodedError } from '../../../../../ground/errors.ts'
import type { StoredEntry } from '../../../../../ground/senders/sender-lists.ts'
import type { AdminViewer } from '../../../../../rules/reach/viewer.ts'
import { ownerNamed } from '../../../../../rules/senders/owner.ts'
import { cursorOf, placeOf } from '../../protocol/cursor.ts'
import { line, paging } from '../../protocol/fields.ts'
import { type Json, type Operation, operation } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { listChoice, senderChange, senderEffect, sendersPage, setSender } from './sender-answer.ts'

const common = { tag: 'Senders', scope: 'senders:write' } as const

const ownerParams = {
  owner: line(320).meta({
    description:
      'Whose mail it is: an address (`alice@example.com`), a domain (`@example.com`) or everybody (`@.`, for a key of all domains).',
    example: EXAMPLE.reader,
  }),
}

const entryParams = {
  ...ownerParams,
  sender: line(320).meta({
    description: 'An address (`bob@example.net`), or a domain (`@example.net`).',
    example: 'bob@example.net',
  }),
}

const AWAY = ['SENDERS_OFF', 'SENDERS_UNREACHABLE', 'SENDERS_REFUSED'] as const

const listSenders = operation({
  ...common,
  orScope: 'read',
  method: 'get',
  path: '/senders/{owner}',
  operationId: 'listSenders',
  summary: 'Lists the allowed and blocked senders of an owner',
  params: ownerParams,
  query: paging,
  replies: { 200: { description: 'Returns a page of the lists.', schema: sendersPage } },
  problems: AWAY,
  handle: async ({ senders }, { params, query: { limit, cursor }, viewer }) => {
    const owner = ownerIn(params)
    const { entries, standing } = await senders.lists(readerOfLists(viewer), owner)
    const { rows, next } = pageOf(entries, limit, placeOf(cursor))
    return {
      body: {
        owner,
        standing,
        senders: rows.map(({ sender, list, counts }) => ({ sender, list, counts })),
        next: cursorOf(next),
      } satisfies Json<z.output<typeof sendersPage>>,
    }
  },
})

const effectOfSender = operation({
  ...common,
  orScope: 'read',
  method: 'get',
  path: '/senders/{owner}/{sender}/effect',
  operationId: 'previewSender',
  summary: 'Counts what an entry would have done in the last 30 days',
  description: 'Nothing is changed.',
  params: entryParams,
  query: { list: listChoice.default('allow').meta({ example: 'allow' }) },
  replies: { 200: { description: 'Returns the figures.', schema: senderEffect } },
  problems: ['SENDER_INVALID', ...AWAY],
  handle: async ({ senders }, { params, query: { list }, viewer }) => {
    const entry = { sender: params.sender, list }
    const { count, isAtLeast } = await senders.effect(readerOfLists(viewer), ownerIn(params), entry)
    return { body: { count, atLeast: isAtLeast } satisfies z.output<typeof senderEffect> }
  },
})

const putSender = operation({
  ...common,
  method: 'put',
  path: '/senders/{owner}/{sender}',
  operationId: 'putSender',
  summary: 'Allows or blocks a sender',
  description: 'An entry for the same sender is replaced.',
  params: entryParams,
  body: senderChange,
  replies: { 200: { description: 'Returns the entry.', schema: setSender } },
  problems: ['SENDER_INVALID', 'SENDERS_FULL', ...AWAY],
  handle: async ({ senders }, { params, body: { list }, viewer }) => {
    const set = await senders.set(viewer, ownerIn(params), { sender: params.sender, list })
    const { owner, entry, former = null, cautions } = set
    return { body: { owner, ...entry, former, cautions } satisfies Json<z.output<typeof setSender>> }
  },
})

const deleteSender = operation({
  ...common,
  method: 'delete',
  path: '/senders/{owner}/{sender}',
  operationId: 'deleteSender',
  summary: 'Takes a sender off both lists',
  params: entryParams,
  replies: { 204: { description: 'The sender is on neither list, now or before.' } },
  problems: ['SENDER_INVALID', ...AWAY],
  handle: async ({ senders }, { params, viewer }) => {
    await senders.remove(viewer, ownerIn(params), params.sender)
    return {}
  },
})

/** The operations on allow and block lists. */
export const SENDER_OPERATIONS: readonly Operation[] = [listSenders, effectOfSender, putSender, deleteSender]

/** @throws CodedError REQUEST_INVALID */
function ownerIn({ owner }: { readonly owner: string }): string {
  const named = ownerNamed(owner)
  if (named !== undefined) return named
  throw new CodedError(
    'REQUEST_INVALID',
    'Expected an owner: an address (alice@example.com), a domain (@example.com) or everybody (@.).',
  )
}

/** Who may read settings may read these lists, too: they are settings of the mail filter. */
const readerOfLists = (viewer: AdminViewer): AdminViewer => ({ ...viewer, may: [...viewer.may, 'senders'] })

/** The entries after a place, in the order of the alphabet. */
function pageOf(entries: readonly StoredEntry[], limit: number, after: string | undefined) {
  const sorted = entries
    .toSorted((a, b) => (placeIn(a) < placeIn(b) ? -1 : 1))
    .filter(entry => after === undefined || placeIn(entry) > after)
  const rows = sorted.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: last && sorted.length > limit ? placeIn(last) : undefined }
}

/** Others may have put a sender on both lists. */
const placeIn = ({ sender, list }: StoredEntry): string => `${sender} ${list}`
