import type { Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'
import type { Lesson, Verdict } from '../../work/learning/lesson.ts'

/** What readers and admins tell the filter. */
export interface LearningDesk {
  /** What may be said of a message now, and what was said last. Empty unless `learn.kind` is set. */
  offer(viewer: Viewer, ref: HeldRef): Promise<LearningOffer>
  /** @throws CodedError LEARN_OFF, HELD_UNKNOWN, OUT_OF_REACH, MESSAGE_GONE, LEARN_FAILED */
  teach(viewer: Viewer, ref: HeldRef, verdict: Verdict): Promise<Lesson>
}

export interface LearningOffer {
  readonly verdicts: readonly Verdict[]
  readonly lesson: Lesson | undefined
}
