import type { ContentKind } from '../../../ground/amavis/content.ts'
import { formatSearch } from '../../../rules/search/format-search.ts'
import { EMPTY_SEARCH, type Order, type TextCondition, type TextField } from '../../../rules/search/search.ts'
import { listPath, listPlaceIn, USUAL_PLACE } from '../quarantine/list/list-place.ts'
import { ANY_STATE } from '../quarantine/list/search-query.ts'

/**
 * Our page in place of one of Mailzu's, with the same search and order. Readers and admins shared Mailzu's page of a
 * message, so it depends on who asks.
 *
 * @param script such as `messagesIndex.php`; empty for Mailzu's start page
 * @returns one of our paths
 */
export function mailzuTarget(script: string, query: URLSearchParams, isAdmin: boolean): string {
  switch (script) {
    case 'messagesAdmin.php':
      return listFor('/admin/held', query)
    case 'messagesPendingAdmin.php':
      return listFor('/admin/held', query, 'is:requested')
    case 'messagesSummary.php':
      return '/admin/held/summary'
    case 'summary.php':
      return '/mail/summary'
    case 'messagesPending.php':
      return listFor('/mail', query, 'is:requested')
    case 'read_mail.php':
    case 'read_original.php':
      return messageFor(isAdmin ? '/admin/held' : '/mail', query)
    case '':
    case 'index.php':
      return isAdmin ? '/admin/held' : '/mail'
    default:
      return listFor('/mail', query)
  }
}

function listFor(root: string, query: URLSearchParams, state = ''): string {
  const kind = KINDS[query.get('ctype') ?? '']
  const search = formatSearch(
    {
      ...EMPTY_SEARCH,
      texts: FIELDS.flatMap(([letter, field]) => conditionsOf(letter, field, query)),
      kinds: kind === undefined ? [] : [{ value: kind, not: false }],
    },
    'UTC',
  )
  return listPath(root, { ...placeIn(query), q: [search, state].filter(part => part !== '').join(' ') })
}

/** The list with this message alone: Mailzu's addresses do not name its partition. */
function messageFor(root: string, query: URLSearchParams): string {
  const named = [
    wholeOf('id', query.get('mail_id') ?? ''),
    wholeOf('to', query.get('recip_email') ?? ''),
  ].flat()
  const search = formatSearch({ ...EMPTY_SEARCH, texts: named }, 'UTC')
  return listPath(root, { ...USUAL_PLACE, q: `${search} ${ANY_STATE}`.trim() })
}

const wholeOf = (field: TextField, text: string): TextCondition[] =>
  text === '' ? [] : [{ field, how: 'equals', text, not: false }]

/** The letters before `_string` and `_criterion` in the fields of Mailzu's search. */
const FIELDS = [
  ['f', 'from'],
  ['s', 'subject'],
  ['t', 'to'],
  ['m', 'id'],
] as const satisfies readonly (readonly [string, TextField])[]

function conditionsOf(letter: string, field: TextField, query: URLSearchParams): TextCondition[] {
  const text = (query.get(`${letter}_string`) ?? '').trim().slice(0, LONGEST_TEXT)
  const criterion = query.get(`${letter}_criterion`) ?? ''
  const not = criterion === 'not_contain' || criterion === 'not_equal'
  const how = criterion === 'equals' || criterion === 'not_equal' ? 'equals' : 'contains'
  return text === '' ? [] : [{ field, how, text, not }]
}

/** Four of them fit into a search. */
const LONGEST_TEXT = 200

/** Mailzu's content types; `A` is all. */
const KINDS: Readonly<Record<string, ContentKind>> = {
  S: 'spam',
  B: 'banned',
  V: 'virus',
  H: 'badHeader',
}

function placeIn(query: URLSearchParams) {
  const sort = ORDERS[query.get('order') ?? ''] ?? 'date'
  const dir = query.get('vert') === 'ASC' ? 'asc' : 'desc'
  return listPlaceIn(new URLSearchParams(query.has('order') ? { sort, dir } : {}))
}

const ORDERS: Readonly<Record<string, Order>> = {
  'msgs.time_num': 'date',
  from_addr: 'sender',
  'msgs.subject': 'subject',
  spam_level: 'score',
  'msgs.content': 'type',
}
