import { readableLists } from '../../../desks/senders/readable-lists.ts'
import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import type { SenderList } from '../../../rules/senders/sender-entry.ts'
import { senderPattern } from '../../../rules/senders/sender-pattern.ts'
import type { MailHandler, MailVisit } from './mail-visit.ts'
import { type AskedEntry, type ListsSaid, type ShownLists, sendersModel } from './senders-model.ts'

export interface SendersDeps {
  readonly senders: SenderDesk
}

/**
 * GET /mail/senders: the lists of one of the addresses that the reader reads (`of`). With `sender` and `list`, it shows
 * what such an entry would do before it is saved. Changes nothing.
 */
export const showSenders =
  ({ senders }: SendersDeps): MailHandler =>
  async visit => {
    const { query } = visit
    const owner = await ownerIn(senders, visit, query)
    const list = listIn(query)
    const sender = query.get('sender') ?? ''
    const done = DONE.find(name => name === query.get('done'))
    if (done) return show(senders, visit, { owner, said: { is: done, sender, was: wasIn(query) } })
    if (sender === '' || !list) return show(senders, visit, { owner })
    return show(senders, visit, { owner, ...(await asked(senders, visit, owner, { sender, list })) })
  }

/** POST /mail/senders: `do=set` with `sender` and `list`, or `do=remove` with `sender`. */
export const postSenders =
  ({ senders }: SendersDeps): MailHandler =>
  async visit => {
    const { form, viewer, goTo } = visit
    const owner = await ownerIn(senders, visit, form)
    const sender = form.get('sender') ?? ''
    const list = listIn(form)
    const act = form.get('do')
    if (act !== 'remove' && (act !== 'set' || !list))
      throw new CodedError('BODY_UNREADABLE', 'Expected do=set with list=allow or list=block, or do=remove.')
    try {
      if (act === 'remove' || !list) {
        await senders.remove(viewer, owner, sender)
        return goTo(placeOf(owner, sender, list), 'removed')
      }
      const { entry, former } = await senders.set(viewer, owner, { sender, list })
      return goTo(placeOf(owner, entry.sender, former), list === 'allow' ? 'allowed' : 'blocked')
    } catch (error) {
      if (!(error instanceof CodedError) || !SHOWN_ON_PAGE.has(error.code)) throw error
      const said = {
        is: 'failed',
        act: act === 'remove' || !list ? 'remove' : list,
        code: error.code,
      } as const
      return show(senders, visit, { owner, said, typed: sender }, httpStatusOf(error.code))
    }
  }

const PATH = '/mail/senders'

const DONE = ['allowed', 'blocked', 'removed'] as const

const SHOWN_ON_PAGE: ReadonlySet<string> = new Set([
  'SENDER_INVALID',
  'SENDERS_FULL',
  'SENDERS_UNREACHABLE',
  'SENDERS_REFUSED',
])

const listIn = (fields: URLSearchParams): SenderList | undefined =>
  LISTS.find(list => list === fields.get('list'))

const LISTS = ['allow', 'block'] as const

const wasIn = (fields: URLSearchParams): SenderList | undefined =>
  LISTS.find(list => list === fields.get('was'))

/** @param was where the sender was before, so that it can be put back */
const placeOf = (owner: string, sender: string, was: SenderList | undefined): string =>
  `${PATH}?${new URLSearchParams({ of: owner, sender, ...(was && { was }) })}`

/** The owner that a request names, or the reader's first. @throws CodedError SENDERS_OFF where there is none */
async function ownerIn(senders: SenderDesk, { viewer }: MailVisit, fields: URLSearchParams): Promise<string> {
  if (!senders.mayUse(viewer))
    throw new CodedError('SENDERS_OFF', 'Readers keep no lists here. Ask your mail administrator.')
  return fields.get('of') || viewer.visitor.reader
}

/** An entry that is about to be made, or why it cannot be. */
async function asked(
  senders: SenderDesk,
  { viewer }: MailVisit,
  owner: string,
  entry: { readonly sender: string; readonly list: SenderList },
): Promise<{ readonly asked?: AskedEntry; readonly said?: ListsSaid; readonly typed: string }> {
  try {
    const effect = await senders.effect(viewer, owner, entry)
    return { asked: { ...entry, sender: senderPattern(entry.sender), effect }, typed: entry.sender }
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'SENDER_INVALID') throw error
    return { said: { is: 'failed', act: entry.list, code: error.code }, typed: entry.sender }
  }
}

async function show(
  senders: SenderDesk,
  visit: MailVisit,
  shown: Pick<ShownLists, 'owner' | 'said' | 'asked' | 'typed'>,
  status = 200,
): Promise<void> {
  const { viewer, query } = visit
  const [lists, owners] = await Promise.all([
    readableLists(senders.lists(viewer, shown.owner)),
    senders.ownersOf(viewer),
  ])
  const page = Number(query.get('page') ?? 1)
  visit.show(
    {
      page: 'reader/senders',
      section: 'senders',
      model: writer => sendersModel({ ...shown, path: PATH, owners, lists, page }, writer),
    },
    status,
  )
}
