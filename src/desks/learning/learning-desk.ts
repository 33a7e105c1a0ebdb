import { mayInQuarantine, type Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'
import { asItStands, type Lesson, type Verdict, verdictsOn } from '../../work/learning/lesson.ts'
import { findLessons } from '../../work/learning/lessons.ts'
import { type TeachDeps, type TeachRequest, teach } from '../../work/learning/teach.ts'
import type { ListedHeld } from '../../work/quarantine/held-list.ts'
import { given } from '../given.ts'

/** What readers and admins tell the filter. */
export interface LearningDesk {
  /** What may be said of messages that the viewer sees, and what was said last, by reference; none where that is nothing. */
  offers(viewer: Viewer, messages: readonly OfferedLesson[]): Promise<ReadonlyMap<HeldRef, LearningOffer>>
  /**
   * @throws CodedError LEARN_OFF, HELD_UNKNOWN, OUT_OF_REACH, POLICY_REFUSED, CONFIRMATION_REQUIRED, MESSAGE_GONE,
   * LEARN_FAILED
   */
  teach(viewer: Viewer, ref: HeldRef, request: TeachRequest): Promise<Lesson>
}

/** What an offer depends on. */
export type OfferedLesson = Pick<ListedHeld, 'ref' | 'heldId' | 'kind' | 'state'>

export interface LearningOffer {
  /** Never empty. */
  readonly verdicts: readonly Verdict[]
  readonly lesson: Lesson | undefined
}

export const learningDesk = (deps: TeachDeps): LearningDesk => ({
  offers: given(deps, offersOf),
  teach: given(deps, teach),
})

async function offersOf(
  { teacher, state, clock }: TeachDeps,
  viewer: Viewer,
  messages: readonly OfferedLesson[],
): Promise<ReadonlyMap<HeldRef, LearningOffer>> {
  if (!teacher || !mayInQuarantine(viewer, 'learn')) return new Map()
  const offered = messages
    .map(message => ({
      message,
      verdicts: verdictsOn(message).filter(one => teacher.verdicts.includes(one)),
    }))
    .filter(({ verdicts }) => verdicts.length > 0)
  if (offered.length === 0) return new Map()
  const lessons = await findLessons(
    state,
    offered.map(({ message }) => message.heldId),
  )
  return new Map(
    offered.map(({ message, verdicts }) => {
      const lesson = lessons.get(message.heldId)
      return [message.ref, { verdicts, lesson: lesson && asItStands(lesson, teacher.patience, clock()) }]
    }),
  )
}
