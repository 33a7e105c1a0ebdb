import type { QuarantineDesk } from '../../../../desks/quarantine/quarantine-desk.ts'
import type { RequestDesk, RequestWithMail } from '../../../../desks/requests/request-desk.ts'
import { CodedError, httpStatusOf } from '../../../../ground/errors.ts'
import type { AdminViewer } from '../../../../rules/reach/viewer.ts'
import type { OpenedHeld } from '../../../../work/reading/opened-held.ts'
import type { DecisionOutcome } from '../../../../work/requests/request.ts'
import { paramsOf } from '../../web/request-url.ts'
import type { Done } from '../frame/admin-pages.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { type Answered, requestModel } from './request-model.ts'
import { requestPath } from './request-row.ts'

export interface RequestRouteDeps {
  readonly requests: RequestDesk
  readonly quarantine: QuarantineDesk
}

/** GET /admin/requests/ID: the facts, and the form to decide. */
export const showRequest =
  (deps: RequestRouteDeps): AdminHandler =>
  visit =>
    showNow(deps, visit, undefined)

/** POST /admin/requests/ID: `do=approve` or `do=refuse`, and perhaps a `note` to the readers. */
export const postRequest =
  (deps: RequestRouteDeps): AdminHandler =>
  async visit => {
    const { viewer, form, goTo } = visit
    const [id, note] = [idOf(visit), form.get('note') ?? '']
    const verb = VERBS.find(name => name === form.get('do'))
    if (!verb) throw new CodedError('REQUEST_INVALID', 'Expected do=approve or do=refuse.')
    try {
      const outcome = await deps.requests[verb](viewer, id, { note })
      if (outcome.release?.status === 'failed') {
        return await showNow(deps, visit, { code: outcome.release.code ?? 'AMAVISD_REFUSED', note: '' })
      }
      goTo(requestPath(id), doneBy(outcome))
    } catch (error) {
      if (!(error instanceof CodedError) || !IN_PAGE.has(error.code)) throw error
      await showNow(deps, visit, { code: error.code, note })
    }
  }

const VERBS = ['approve', 'refuse'] as const

/** What the page of the request tells best: it shows who decided, or has the form again. */
const IN_PAGE: ReadonlySet<string> = new Set([
  'REQUEST_DECIDED',
  'REQUEST_INVALID',
  'EDIT_CONFLICT',
  'MESSAGE_GONE',
  'POLICY_REFUSED',
])

const idOf = ({ request }: Visit): string => paramsOf(request).id ?? ''

function doneBy({ decision, release }: DecisionOutcome): Done {
  if (decision === 'refused') return 'refused'
  if (decision === 'first') return 'approvedFirst'
  return release?.status === 'queued' ? 'approvedLater' : 'approved'
}

/** @param answered what the form that was just sent led to; undefined for a GET */
async function showNow(
  { requests, quarantine }: RequestRouteDeps,
  visit: Visit,
  answered: Answered | undefined,
): Promise<void> {
  const found = await requests.find(visit.viewer, idOf(visit))
  const opened = await openedOf(quarantine, visit.viewer, found)
  visit.show(
    {
      page: 'request',
      section: 'requests',
      model: writer => requestModel({ ...found, opened, answered, admin: visit.admin }, writer),
    },
    answered ? httpStatusOf(answered.code) : 200,
  )
}

/** The message as it is read, for its warnings. Undefined: it cannot be opened, which does not keep anybody from deciding. */
async function openedOf(
  quarantine: QuarantineDesk,
  viewer: AdminViewer,
  { request, mail }: RequestWithMail,
): Promise<OpenedHeld | undefined> {
  if (!mail || request.state !== 'waiting') return undefined
  try {
    return await quarantine.open(viewer, request.ref, { isLook: false })
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}
