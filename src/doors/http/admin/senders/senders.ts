import type { SenderDesk } from '../../../../desks/senders/sender-desk.ts'
import { CodedError, httpStatusOf } from '../../../../ground/errors.ts'
import { ownerNamed } from '../../../../rules/senders/owner.ts'
import type { SenderEntry, SenderList } from '../../../../rules/senders/sender-entry.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { type SendersPage, sendersModel } from './senders-model.ts'
import { sendersPath } from './senders-path.ts'

export interface SendersRouteDeps {
  readonly senders: SenderDesk
}

/**
 * GET /admin/senders?owner=OWNER: the lists of an address, a domain (`@example.com`) or everybody (`@.`). With `sender`
 * and `list`, it shows what such an entry would have done, and asks before it is saved.
 */
export const showSenders =
  (deps: SendersRouteDeps): AdminHandler =>
  async visit => {
    const { query } = visit
    const entry = entryIn(query)
    await showNow(deps, visit, { entry, fault: undefined })
  }

/** POST /admin/senders?owner=OWNER: `do=set` with `sender` and `list`, or `do=remove` with `sender`. */
export const postSenders =
  ({ senders }: SendersRouteDeps): AdminHandler =>
  async visit => {
    const { viewer, query, form, goTo } = visit
    const owner = ownerNamed(query.get('owner') ?? '')
    const entry = entryIn(form)
    if (owner === undefined || entry === undefined) {
      throw new CodedError('REQUEST_INVALID', 'Expected an owner and a sender.')
    }
    try {
      if (form.get('do') === 'remove') {
        const did = (await senders.remove(viewer, owner, entry.sender)) ? 'remove' : undefined
        return goTo(sendersPath(owner, did && { did, sender: entry.sender, was: listIn(form) }))
      }
      const set = await senders.set(viewer, owner, entry)
      goTo(sendersPath(owner, { did: set.entry.list, sender: set.entry.sender, was: set.former }))
    } catch (error) {
      if (!isShown(error)) throw error
      await showNow({ senders }, visit, { entry, fault: error })
    }
  }

/** What a form or a link names; a list that is none counts as `allow`, as in the form. */
function entryIn(fields: URLSearchParams): SenderEntry | undefined {
  const sender = (fields.get('sender') ?? '').trim()
  return sender === '' || fields.has('did') ? undefined : { sender, list: listIn(fields) ?? 'allow' }
}

const listIn = (fields: URLSearchParams): SenderList | undefined =>
  LISTS.find(list => list === fields.get('list'))

const LISTS = ['allow', 'block'] as const

/** What the page of the lists tells best. */
const isShown = (error: unknown): error is CodedError =>
  error instanceof CodedError &&
  (error.code === 'SENDER_INVALID' ||
    error.code === 'SENDERS_FULL' ||
    error.code === 'SENDERS_UNREACHABLE' ||
    error.code === 'SENDERS_REFUSED')

interface Asked {
  /** What is to be added; undefined: nothing yet. */
  readonly entry: SenderEntry | undefined
  /** Why nothing was written. */
  readonly fault: CodedError | undefined
}

async function showNow({ senders }: SendersRouteDeps, visit: Visit, { entry, fault }: Asked): Promise<void> {
  const { viewer, query, admin, show } = visit
  const text = (query.get('owner') ?? '').trim()
  const owner = ownerNamed(text)
  const lists = owner === undefined ? undefined : await shownOf(() => senders.lists(viewer, owner))
  const effect =
    owner === undefined || entry === undefined || fault || lists instanceof CodedError
      ? undefined
      : await shownOf(() => senders.effect(viewer, owner, entry))
  const faults = [fault, lists, effect].filter(found => found instanceof CodedError)
  const page: SendersPage = {
    text,
    owner,
    lists: lists instanceof CodedError ? undefined : lists,
    entry,
    effect: effect instanceof CodedError ? undefined : effect,
    fault: faults[0],
    domains: admin.reach,
    query,
  }
  const status = faults[0] ? httpStatusOf(faults[0].code) : text !== '' && owner === undefined ? 400 : 200
  show({ page: 'senders', section: 'senders', model: writer => sendersModel(page, writer) }, status)
}

/** The result, or the failure where the page shows it. */
async function shownOf<Result>(find: () => Promise<Result>): Promise<Result | CodedError> {
  try {
    return await find()
  } catch (error) {
    if (isShown(error)) return error
    throw error
  }
}
