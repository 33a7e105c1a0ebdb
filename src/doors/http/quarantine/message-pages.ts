import { CodedError } from '../../../ground/errors.ts'
import { isLook } from '../pages/answer.ts'
import type { Page } from '../web/page.ts'
import { postMessage } from './message-actions.ts'
import { sendFile, sendMessageHtml, sendPlainText } from './message-policy.ts'
import { type MessageDeps, refOf, showOpened } from './message-show.ts'
import { knownStates } from './message-states.ts'
import type { QuarantineHandler } from './quarantine-visit.ts'

/** The pages of one held message, which readers, admins and the visitors of a link have alike, below the list's path. */
export const messagePages = (deps: MessageDeps): readonly Page<QuarantineHandler>[] => [
  { path: '/:ref', get: showMessage(deps), post: postMessage(deps) },
  { path: '/:ref/state', get: tellState(deps) },
  { path: '/:ref/html', get: showHtml(deps) },
  { path: '/:ref/headers', get: showHeaders(deps) },
]

/** More pages of a message, for admins. Without the right to download, they are refused. */
export const messageFiles = (deps: MessageDeps): readonly Page<QuarantineHandler>[] => [
  { path: '/:ref/source', get: showSource(deps) },
  { path: '/:ref/file', get: downloadMessage(deps) },
  { path: '/:ref/attachment/:index', get: downloadAttachment(deps) },
]

/** GET /mail/REF, and with `?as=html` with the message's HTML in a frame. It then counts as read. */
const showMessage =
  (deps: MessageDeps): QuarantineHandler =>
  async visit => {
    const look = { isLook: isLook(visit.request) }
    return showOpened(deps, visit, await deps.quarantine.open(visit.viewer, refOf(visit), look))
  }

/** GET /mail/REF/state: what has become of its release, for the script of its page. */
const tellState =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit => {
    const states = await quarantine.releaseStates(visit.viewer, refOf(visit))
    visit.response.json({
      states: Object.fromEntries([...states].map(([ref, { is }]) => [ref, is])),
      known: knownStates(states),
    })
  }

/** GET /mail/REF/html: what the sender designed, made harmless. */
const showHtml =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit =>
    sendMessageHtml(visit.response, await quarantine.html(visit.viewer, refOf(visit)))

/** GET /mail/REF/headers */
const showHeaders =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit =>
    sendPlainText(visit.response, await quarantine.headers(visit.viewer, refOf(visit)))

/** GET /admin/held/REF/source */
const showSource =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit =>
    sendPlainText(visit.response, await quarantine.source(visit.viewer, refOf(visit)))

/** GET /admin/held/REF/file: the whole message, for a mail program. */
const downloadMessage =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit => {
    const ref = refOf(visit)
    const content = await quarantine.source(visit.viewer, ref)
    sendFile(visit.response, { name: `${ref}.eml`, content })
  }

/** GET /admin/held/REF/attachment/INDEX */
const downloadAttachment =
  ({ quarantine }: MessageDeps): QuarantineHandler =>
  async visit => {
    const index = indexOf(visit.params.index)
    sendFile(visit.response, await quarantine.attachment(visit.viewer, refOf(visit), index))
  }

function indexOf(text = ''): number {
  if (!/^\d{1,5}$/.test(text)) throw new CodedError('PAGE_UNKNOWN', 'There is no such attachment.')
  return Number(text)
}
