import type { RequestWithMail } from '../../../../desks/requests/request-desk.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import type { ErrorCode } from '../../../../ground/errors.ts'
import type { Words } from '../../../../ground/i18n/locales.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import type { OpenedHeld } from '../../../../work/reading/opened-held.ts'
import { LONGEST_NOTE, type ReleaseRequested } from '../../../../work/requests/request.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import { warningModels } from '../../quarantine/message-warnings.ts'
import type { Writer } from '../../web/writer.ts'
import { breakable } from '../frame/breakable.ts'
import { pathOf } from '../frame/scope-page.ts'
import { askersWords, decisionWords, requestBadge, requestPath } from './request-row.ts'

export interface RequestPage extends RequestWithMail {
  readonly opened: OpenedHeld | undefined
  /** What the form that was just sent led to; undefined: none was. */
  readonly answered: Answered | undefined
  readonly admin: Admin
}

/** Why nothing, or not all, came of a decision. */
export interface Answered {
  readonly code: ErrorCode
  /** As it was sent. */
  readonly note: string
}

/** The page of a request. */
export function requestModel(
  { request, mail, opened, answered, admin }: RequestPage,
  writer: Writer,
): object {
  const { words } = writer
  const shown = mail && mailModelOf(mail, words, writer.place)
  return {
    title: shown?.subject ?? words.say(`kind.${request.kind}`),
    mail: shown,
    state: requestBadge(request.state, writer),
    problem: answered && problemText(answered.code, request, words),
    risk: request.state === 'waiting' ? words.say(`page.confirm.risk.${request.kind}`) : undefined,
    warnings: opened ? warningModels(opened) : [],
    recipient: displayAddress(request.recipient, 255),
    readers: request.readers.map(reader => ({
      url: writer.url(pathOf(reader)),
      parts: breakable(displayAddress(reader, 255)),
    })),
    askers: askersWords(request, writer),
    askedAt: writer.time(request.askedAt),
    expiresAt: request.state === 'waiting' ? writer.time(request.expiresAt) : undefined,
    ...decisionWords(request, writer),
    ending: ENDED.has(request.state) ? words.say(`admin.requests.ended.${request.state}`) : undefined,
    saidNote: request.note,
    heldUrl: mail && writer.url(`/admin/held/${encodeURIComponent(request.ref)}`),
    mayDecide: request.state === 'waiting',
    mayApprove: request.state === 'waiting' && mail !== undefined && request.first?.by !== admin.address,
    action: writer.url(requestPath(request.id)),
    backUrl: writer.url('/admin/requests'),
    note: answered?.note ?? '',
    noteFault:
      answered?.code === 'REQUEST_INVALID'
        ? [
            {
              text: words.say('admin.requests.noteTooLong', { most: LONGEST_NOTE }),
              language: words.language,
            },
          ]
        : undefined,
    isNoteOpen: (answered?.note ?? '') !== '',
  }
}

/** What is said below the state. Of a decision, the page says who made it. */
const ENDED: ReadonlySet<string> = new Set(['expired', 'released', 'gone'])

/** Why a decision did not count, or an approval released nothing. The page below says what holds now. */
function problemText(code: ErrorCode, { state }: ReleaseRequested, words: Words): string | undefined {
  switch (code) {
    case 'REQUEST_INVALID':
      return undefined
    case 'REQUEST_DECIDED':
      return words.say(`admin.requests.problem.${state === 'waiting' ? 'secondNeeded' : 'decided'}`)
    case 'MESSAGE_GONE':
      return words.say('admin.requests.problem.gone')
    case 'POLICY_REFUSED':
      return words.say('admin.requests.problem.never')
    case 'EDIT_CONFLICT':
      return words.say('admin.requests.problem.conflict')
    default:
      return words.say('admin.requests.problem.notReleased')
  }
}
