import { setTimeout as wait } from 'node:timers/promises'
import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { findReleaseHandle } from '../../ground/amavis/release-handle.ts'
import { type AuditAction, recordAudit } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { FilterTeacher, TaughtMessage, Verdict } from '../../ground/learning/filter-teacher.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { type ButtonDeps, needsButton, refuseWithoutButton } from '../clicks/press-button.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import { heldIdOf } from '../collect/item-id.ts'
import { oneHeldFor } from '../quarantine/held-for.ts'
import { listedState } from '../quarantine/listed-state.ts'
import { heldOctets, type ReadingDeps } from '../reading/held-octets.ts'
import { findRelease } from '../release/claims.ts'
import { isBeingTaught, type Lesson, verdictsOn } from './lesson.ts'
import { claimLesson, endLesson, findLessons } from './lessons.ts'

export interface TeachDeps extends ReadingDeps, ButtonDeps {
  /** Undefined: nobody learns. */
  readonly teacher: FilterTeacher | undefined
}

export interface TeachRequest {
  readonly verdict: Verdict
  /** Whether a person pressed the page's button: that matters only for who came by a link, which machines follow too. */
  readonly pressed?: boolean
}

/**
 * Tells the filter what somebody says that a message was, for one recipient. Saying the same again changes nothing; the
 * last word counts; what failed may be said again. Each time that the filter is told leaves a row in the audit.
 *
 * @throws CodedError LEARN_OFF, HELD_UNKNOWN, OUT_OF_REACH, CONFIRMATION_REQUIRED; POLICY_REFUSED for a message that has
 * not arrived, or may do harm; MESSAGE_GONE, LEARN_FAILED
 */
export async function teach(
  deps: TeachDeps,
  viewer: Viewer,
  ref: HeldRef,
  { verdict, pressed = false }: TeachRequest,
): Promise<Lesson> {
  const { teacher } = deps
  if (!teacher?.verdicts.includes(verdict)) throw off()
  const row = await oneHeldFor(deps, viewer, ref, 'learn')
  await requireTeachable(deps, row, verdict)
  if (!pressed) await requireButtonNotNeeded(deps, viewer, row, verdict)
  const heldId = heldIdOf(row)
  const { lesson, isKnown } = await claim(deps, teacher, heldId, { verdict, by: viewer.actor.name })
  if (isKnown) return lesson
  try {
    await teacher.teach(messageOf(deps, viewer, row), verdict)
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    await endLesson(deps.state, heldId, lesson, 'failed')
    await audit(deps, viewer, row, verdict, code, error instanceof CodedError ? error.message : undefined)
    throw error
  }
  await endLesson(deps.state, heldId, lesson, 'taught')
  await audit(deps, viewer, row, verdict, 'taught')
  return { ...lesson, state: 'taught' }
}

const off = () =>
  new CodedError('LEARN_OFF', 'Nobody learns from such an answer: see learn in the configuration.')

async function requireTeachable({ state }: TeachDeps, row: HeldRow, verdict: Verdict): Promise<void> {
  const release = await findRelease(state, heldIdOf(row))
  // A message may be harmful for one recipient alone, whose filter looks for more.
  const verdicts = [row.kind, row.messageKind].map(kind =>
    verdictsOn({ kind, state: listedState(row.rs, release) }),
  )
  const [own = [], worst = []] = verdicts
  if (own.includes(verdict) && worst.length > 0) return
  throw new CodedError(
    'POLICY_REFUSED',
    'The filter learns only from mail that was released, not from a virus or a banned file, and "not spam" only from what was held as spam.',
  )
}

async function requireButtonNotNeeded(
  deps: TeachDeps,
  viewer: Viewer,
  { recipient, mailAt, ...row }: HeldRow,
  verdict: Verdict,
): Promise<void> {
  if (viewer.as === 'admin') return
  const { reader } = viewer.visitor
  if (!(await needsButton(deps, viewer.visitor, reader, mailAt))) return
  const entry = { actor: viewer.actor, action: ACTIONS[verdict], recipient, reader }
  await refuseWithoutButton(deps, { ...entry, itemId: heldIdOf(row) })
}

const ACTIONS = { spam: 'learn-spam', notSpam: 'learn-not-spam' } as const satisfies Record<
  Verdict,
  AuditAction
>

/**
 * Waits until nobody is telling the filter about the message, so that the last word is also the last that the filter
 * hears, and claims it. @returns the lesson that is there already, if it says the same
 */
async function claim(
  { state, clock }: TeachDeps,
  { patience }: FilterTeacher,
  heldId: string,
  { verdict, by }: Pick<Lesson, 'verdict' | 'by'>,
): Promise<{ readonly lesson: Lesson; readonly isKnown: boolean }> {
  const giveUpAt = performance.now() + patience
  for (;;) {
    const known = (await findLessons(state, [heldId])).get(heldId)
    if (known?.state === 'taught' && known.verdict === verdict) return { lesson: known, isKnown: true }
    if (!known || !isBeingTaught(known, patience, clock())) {
      const lesson = { verdict, by, at: clock(), state: 'asked' } as const
      if (await claimLesson(state, heldId, known, lesson)) return { lesson, isKnown: false }
    } else if (performance.now() >= giveUpAt) {
      throw new CodedError(
        'LEARN_FAILED',
        'The filter is still being told about this message. Try again in a minute.',
      )
    }
    await wait(LOOK_EVERY)
  }
}

/** Milliseconds. */
const LOOK_EVERY = 100

const messageOf = (deps: TeachDeps, viewer: Viewer, row: HeldRow): TaughtMessage => ({
  requestedBy: viewer.as === 'reader' ? viewer.visitor.reader : row.recipient,
  octets: () =>
    deps.turns.run(async () => {
      const { message } = await heldOctets(deps, viewer, [row])
      if (message.is === 'whole') return message.octets.subarray(message.messageAt)
      throw new CodedError('MESSAGE_GONE', `The message cannot be read to learn from it: ${message.why}.`)
    }),
  handle: () => findReleaseHandle(deps.storage, row),
})

const audit = (
  { state, clock }: TeachDeps,
  viewer: Viewer,
  row: HeldRow,
  verdict: Verdict,
  outcome: string,
  detail?: string,
): Promise<void> => {
  const { actor } = viewer
  const reader = viewer.as === 'reader' ? { reader: viewer.visitor.reader } : {}
  const entry = {
    actor,
    action: ACTIONS[verdict],
    itemId: heldIdOf(row),
    recipient: row.recipient,
    ...reader,
  }
  return recordAudit(state, { ...entry, outcome, ...(detail !== undefined && { detail }) }, clock())
}
