import { CodedError, type ErrorCode, httpStatusOf } from '../../../ground/errors.ts'
import { type HeldRef, parseHeldRef } from '../../../work/collect/held-ref.ts'
import type { Verdict } from '../../../work/learning/lesson.ts'
import type { DeletionOutcome } from '../../../work/quarantine/delete-held.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'
import type { ReleaseOutcome } from '../../../work/release/release-message.ts'
import { type SenderWish, senderWishIn } from '../pages/sender-wish.ts'
import { changeSender } from './message-senders.ts'
import { backPath, type MessageDeps, ownPath, refOf, showOpened } from './message-show.ts'
import { offerOf } from './offer-of.ts'
import type { QuarantineHandler, QuarantineVisit } from './quarantine-visit.ts'

/**
 * POST /mail/REF: `do=release`, `delete`, `restore`, `learn-spam` or `learn-not-spam`, with `of=REF` for one recipient or `of=all` for all that the
 * viewer may see; without it, the message that the path names. `confirm=yes` is the second confirmation for risky mail:
 * an admin, who reads here what it is, needs none. `again=yes` accepts a second copy. What it may ask for about the sender
 * is in `sender-wish.ts`.
 */
export const postMessage =
  (deps: MessageDeps): QuarantineHandler =>
  async visit => {
    const { form, viewer, goTo } = visit
    const of = subjectOf(visit)
    const wish = senderWishIn(form)
    if (wish) return of === 'all' ? unclear() : actOnSender(deps, visit, of, wish)
    switch (form.get('do')) {
      case 'release':
        return release(deps, visit, of)
      case 'delete':
        if (of === 'all') return goTo(await begin(deps, visit, 'delete'))
        return goTo(pathAfter(visit, await deps.quarantine.delete(viewer, of)))
      case 'restore':
        if (of !== 'all') return restore(deps, visit, of)
        break
      case 'learn-spam':
        if (of !== 'all') return learn(deps, visit, of, 'spam')
        break
      case 'learn-not-spam':
        if (of !== 'all') return learn(deps, visit, of, 'notSpam')
        break
      default:
    }
    unclear()
  }

function unclear(): never {
  throw new CodedError(
    'BODY_UNREADABLE',
    'Expected do=release, delete, restore, allow, block, learn-spam or learn-not-spam.',
  )
}

/** A sender is allowed only once the message is released, or will be by itself: one failure is enough for a page. */
async function actOnSender(
  deps: MessageDeps,
  visit: QuarantineVisit,
  of: HeldRef,
  wish: SenderWish,
): Promise<void> {
  const failure = wish.releases ? await failureOf(releasing(deps, visit, of)) : undefined
  return failure === undefined ? changeSender(deps, visit, of, wish) : showFailed(deps, visit, of, failure)
}

/** The recipient whom a form is about: of the message that the path names, and no other. @throws CodedError HELD_UNKNOWN */
function subjectOf(visit: QuarantineVisit): HeldRef | 'all' {
  const ref = refOf(visit)
  const of = visit.form.get('of') || ref
  if (of === 'all' || of === ref || of.startsWith(`${ref}.`)) return of
  throw new CodedError('HELD_UNKNOWN', 'There is no such message.')
}

async function release(deps: MessageDeps, visit: QuarantineVisit, of: HeldRef | 'all'): Promise<void> {
  const { goTo } = visit
  if (of === 'all') {
    if (!isConfirmed(visit) && (await asksToConfirm(deps, visit)))
      return showFailed(deps, visit, of, 'CONFIRMATION_REQUIRED')
    return goTo(await begin(deps, visit, 'release'))
  }
  const failure = await failureOf(releasing(deps, visit, of))
  if (failure === undefined || (await isRequested(deps, visit, of, failure)))
    return goTo(`${ownPath(visit)}#outcome`)
  return showFailed(deps, visit, of, failure)
}

function releasing(deps: MessageDeps, visit: QuarantineVisit, of: HeldRef): Promise<ReleaseOutcome> {
  const { form, viewer } = visit
  return deps.quarantine.release(viewer, of, {
    confirmed: isConfirmed(visit),
    again: form.get('again') === 'yes',
    pressed: form.get('button') === 'yes',
  })
}

/** Whether it was refused because an admin is to decide, or has refused it: then the page says so itself. */
async function isRequested(
  deps: MessageDeps,
  visit: QuarantineVisit,
  of: HeldRef,
  failure: ErrorCode,
): Promise<boolean> {
  if (failure !== 'POLICY_REFUSED' || visit.viewer.as === 'admin') return false
  const [held] = (await recipientsOf(deps, visit)).filter(({ ref }) => ref === of || ref.startsWith(`${of}.`))
  return held?.state === 'requested' || held?.request?.state === 'refused'
}

const isConfirmed = ({ form, viewer }: QuarantineVisit): boolean =>
  viewer.as === 'admin' || form.get('confirm') === 'yes'

/** Why something did not succeed; undefined: it did, before or now, or amavisd will be asked again. */
async function failureOf(
  acting: Promise<ReleaseOutcome | DeletionOutcome | undefined>,
): Promise<ErrorCode | undefined> {
  try {
    const outcome = await acting
    return outcome?.status === 'failed' ? (outcome.code ?? 'AMAVISD_REFUSED') : undefined
  } catch (error) {
    if (error instanceof CodedError && SHOWN_ON_PAGE.has(error.code)) return error.code
    throw error
  }
}

const SHOWN_ON_PAGE: ReadonlySet<ErrorCode> = new Set([
  'CONFIRMATION_REQUIRED',
  'POLICY_REFUSED',
  'MESSAGE_GONE',
  'LEARN_FAILED',
])

async function showFailed(
  deps: MessageDeps,
  visit: QuarantineVisit,
  of: HeldRef | 'all',
  code: ErrorCode,
): Promise<void> {
  const opened = await deps.quarantine.open(visit.viewer, refOf(visit), { isLook: true })
  // The first 4xx reply of amavisd is answered with a 202; after a day of them the release has failed.
  const status = httpStatusOf(code) === 202 ? 502 : httpStatusOf(code)
  return showOpened(deps, visit, opened, { notice: { is: 'failed', code, of }, status })
}

/** Whether the policy asks for a confirmation for one of the recipients. */
async function asksToConfirm(deps: MessageDeps, visit: QuarantineVisit): Promise<boolean> {
  const recipients = await recipientsOf(deps, visit)
  return recipients.some(held => isOpen(held) && offerOf(held, deps.policies, visit.viewer) === 'confirm')
}

/** Begins to do something for all recipients whom the viewer may see. @returns the path that shows its progress */
async function begin(deps: MessageDeps, visit: QuarantineVisit, act: 'release' | 'delete'): Promise<string> {
  const recipients = await recipientsOf(deps, visit)
  const refs = recipients
    .filter(isOpen)
    .filter(held => act === 'delete' || offerOf(held, deps.policies, visit.viewer) !== 'none')
    .map(({ ref }) => ref)
  // Somebody else may have done it since the page was opened.
  if (refs.length === 0) return ownPath(visit)
  const id = await deps.quarantine.beginBulk(visit.viewer, {
    act,
    of: { refs },
    // Where one is left that has to be confirmed, this was asked before. Who reads what it is here may ask for it.
    confirmed: true,
  })
  return `${visit.root}/bulk/${encodeURIComponent(id)}`
}

const isOpen = ({ state }: ListedHeld): boolean => state === 'held' || state === 'requested'

/** Those of the message that the path names, without its text. */
async function recipientsOf(
  { quarantine }: MessageDeps,
  visit: QuarantineVisit,
): Promise<readonly ListedHeld[]> {
  const ref = refOf(visit)
  const { mailId = '', partitionTag, rseqnum } = parseHeldRef(ref) ?? {}
  const recipients = await quarantine.named(visit.viewer, { mailId, partitionTag })
  const named = rseqnum === undefined ? recipients : recipients.filter(held => held.ref === ref)
  if (named.length === 0) throw new CodedError('HELD_UNKNOWN', 'There is no such message.')
  return named
}

async function restore(deps: MessageDeps, visit: QuarantineVisit, of: HeldRef): Promise<void> {
  const failure = await failureOf(deps.quarantine.restore(visit.viewer, of))
  if (failure === 'POLICY_REFUSED') return visit.goTo(ownPath(visit, 'not-restored'))
  if (failure !== undefined) return showFailed(deps, visit, of, failure)
  visit.goTo(pathAfter(visit, { status: 'restored' }))
}

/** Tells the filter what the message was, because somebody has said so: a release alone teaches nothing. */
async function learn(
  deps: MessageDeps,
  visit: QuarantineVisit,
  of: HeldRef,
  verdict: Verdict,
): Promise<void> {
  const pressed = visit.form.get('button') === 'yes'
  const failure = await failureOf(
    deps.learning.teach(visit.viewer, of, { verdict, pressed }).then(() => undefined),
  )
  if (failure !== undefined) return showFailed(deps, visit, of, failure)
  visit.goTo(ownPath(visit, 'learnt'))
}

/**
 * Where it goes on after a deletion: to the page of the message, or with `next=list` to the list, which offers to undo
 * it. A message that is released already says so itself.
 */
function pathAfter(visit: QuarantineVisit, { status }: DeletionOutcome): string {
  const done = status === 'already-released' ? undefined : status
  if (visit.form.get('next') !== 'list') return ownPath(visit, done)
  const list = new URL(backPath(visit), 'http://own.invalid')
  if (done === 'deleted') list.searchParams.set('deleted', refOf(visit))
  return list.pathname + list.search
}
