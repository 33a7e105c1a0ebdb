import { heldRowsOf } from '../../ground/amavis/quarantine/held-rows.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import { displayText } from '../../ground/display/text.ts'
import { SECOND } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import { publishStep } from '../../ground/steps.ts'
import { offerFor } from '../../rules/policy/offer.ts'
import type { AdminViewer } from '../../rules/reach/viewer.ts'
import { asApprovedFor } from '../../rules/reach/visitor.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { checkedNote } from './checked-note.ts'
import { type ReleaseApprovedDeps, releaseApproved } from './release-approved.ts'
import type { DecisionOutcome } from './request.ts'
import { requestInReach } from './request-in-reach.ts'
import { changeRequest, findRequest, type RequestChange, type RequestRow } from './request-rows.ts'
import { settleWaiting } from './settle-waiting.ts'
import { takeBackPending } from './take-back-pending.ts'

export interface Decision {
  /** What it says to the readers. */
  readonly note?: string | undefined
}

/**
 * An admin approves of a request: the message is released to its recipient, by the same claim as everything. Of several
 * admins who decide at once the first one counts. Where a virus needs two, the first approval is written down.
 *
 * @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH, REQUEST_INVALID for the note, POLICY_REFUSED for a kind that is never
 * released; REQUEST_DECIDED, which says who decided what and when; MESSAGE_GONE
 */
export async function approveRequest(
  deps: ReleaseApprovedDeps,
  viewer: AdminViewer,
  id: string,
  decision: Decision,
): Promise<DecisionOutcome> {
  const note = checkedNote(decision.note)
  const request = await decide(deps, viewer, id, async seen => {
    await requireApprovable(deps, seen)
    const own = { note: note ?? seen.note ?? null }
    if (!needsTwo(deps, seen)) return { ...ended('approved', viewer, deps.clock()), ...own }
    if (!seen.first) return { first_by: nameOf(viewer), first_at: deps.clock(), ...own }
    if (seen.first.by !== nameOf(viewer)) return { ...ended('approved', viewer, deps.clock()), ...own }
    throw new CodedError(
      'REQUEST_DECIDED',
      `You have approved of this on ${timeOf(seen.first.at)}. A virus needs two admins: somebody else has to approve, too.`,
    )
  })
  const isFirst = request.state === 'waiting'
  await audit(deps, viewer, request, isFirst ? 'first' : 'approved')
  if (isFirst) return { request, decision: 'first', release: undefined }
  publishStep('request-decided')
  const release = await releaseApproved(deps, request, viewer)
  await makeDue(deps, request)
  return { request, decision: 'approved', release }
}

/**
 * An admin refuses a request: its readers are told, with the note, and cannot ask for the message again.
 *
 * @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH, REQUEST_INVALID for the note; REQUEST_DECIDED, which says who decided
 * what and when
 */
export async function refuseRequest(
  deps: ReleaseApprovedDeps,
  viewer: AdminViewer,
  id: string,
  decision: Decision,
): Promise<DecisionOutcome> {
  const note = checkedNote(decision.note) ?? null
  const request = await decide(deps, viewer, id, async () => ({
    ...ended('refused', viewer, deps.clock()),
    next_at: deps.clock(),
    note,
  }))
  await audit(deps, viewer, request, 'refused')
  publishStep('request-decided')
  const unmark = () => takeBackPending(deps, request)
  await deps.works.run('recording', 'requests', unmark).catch((error: unknown) => {
    deps.log.error({ err: error, request: id }, 'msgrcpt.rs still says p; it is tried again')
  })
  return { request, decision: 'refused', release: undefined }
}

/**
 * Writes what an admin decides, if nobody has decided yet.
 *
 * @param changeFor what is to be written about a request that waits
 * @returns the request as it is then
 */
async function decide(
  { state, ...deps }: ReleaseApprovedDeps,
  viewer: AdminViewer,
  id: string,
  changeFor: (request: RequestRow) => Promise<RequestChange>,
): Promise<RequestRow> {
  let request = await requestInReach(state, viewer, id)
  if (request.state === 'waiting') await settleWaiting({ state, ...deps }, [request])
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    request = await requestInReach(state, viewer, id)
    if (request.state !== 'waiting') throw decided(request)
    if (await changeRequest(state, request, await changeFor(request)))
      return (await findRequest(state, id)) ?? request
  }
  throw new CodedError('EDIT_CONFLICT', 'This request is changed by others right now: try again.')
}

/** A decision is lost to another one, or delayed by a reader who joins. */
const MOST_LOOKS = 10

const nameOf = ({ actor }: AdminViewer): string => actor.name.slice(0, LONGEST_NAME)

/** As long as the column. */
const LONGEST_NAME = 320

const ended = (state: 'approved' | 'refused', viewer: AdminViewer, now: number): RequestChange => ({
  state,
  open_held_id: null,
  decided_by: nameOf(viewer),
  decided_at: now,
  marked: 0,
  next_at: now + LEFT_ALONE,
})

/** Until then, the sweep leaves what comes next to the process in which the admin decided. */
const LEFT_ALONE = 30 * SECOND

const needsTwo = ({ requestTerms }: ReleaseApprovedDeps, { kind }: RequestRow): boolean =>
  kind === 'virus' && requestTerms.virusNeedsTwo

async function requireApprovable(
  { storage, policies }: ReleaseApprovedDeps,
  request: RequestRow,
): Promise<void> {
  const row = (await heldRowsOf(storage, request.mail)).find(one => heldIdOf(one) === request.heldId)
  if (!row) throw goneError()
  if (offerFor({ ...row, state: 'held' }, policies, asApprovedFor('')) !== 'none') return
  throw new CodedError(
    'POLICY_REFUSED',
    'The configuration says that mail of this kind is never released. You can refuse the request.',
  )
}

/** What an admin is told who comes too late. */
function decided({ state, decided, endedAt = 0, note }: RequestRow): CodedError {
  const when = timeOf(endedAt)
  const said = note === undefined ? '' : ` The note says: ${displayText(note, 200)}`
  switch (state) {
    case 'approved':
    case 'refused':
      return new CodedError(
        'REQUEST_DECIDED',
        `${displayText(decided?.by ?? '', 100)} has ${state} this request on ${when}.${said}`,
      )
    case 'expired':
      return new CodedError('REQUEST_DECIDED', `This request is over: nobody had decided by ${when}.`)
    case 'released':
      return new CodedError(
        'REQUEST_DECIDED',
        `This request is over: the message was released otherwise, as was seen on ${when}.`,
      )
    case 'gone':
    case 'waiting':
      return goneError()
  }
}

const goneError = () =>
  new CodedError(
    'MESSAGE_GONE',
    'This request is over: the message was deleted, or the quarantine no longer has it.',
  )

const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** The sweep tells the readers at once. */
async function makeDue({ state, clock }: ReleaseApprovedDeps, { id }: RequestRow): Promise<void> {
  await state.sql
    .updateTable('digest_request')
    .set({ next_at: clock() })
    .where('request_id', '=', id)
    .where('next_at', 'is not', null)
    .execute()
}

const audit = (
  { state, clock }: ReleaseApprovedDeps,
  { actor }: AdminViewer,
  { heldId, recipient, note }: RequestRow,
  outcome: 'approved' | 'first' | 'refused',
): Promise<void> => {
  const action = outcome === 'refused' ? 'refuse' : 'approve'
  const detail = note === undefined ? {} : { detail: note }
  return recordAudit(state, { actor, action, itemId: heldId, recipient, outcome, ...detail }, clock())
}
