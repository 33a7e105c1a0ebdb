import type { LearningOffer } from '../../../desks/learning/learning-desk.ts'
import { formatTime, type Place } from '../../../ground/display/format.ts'
import type { Verdict } from '../../../work/learning/lesson.ts'

/** What the filter can be told of a message, and what it was told last. */
export function learnModel(offer: LearningOffer | undefined, place: Place): object | undefined {
  if (!offer) return undefined
  const { verdicts, lesson } = offer
  // What was said last needs no button, unless it failed.
  const isSaid = (verdict: Verdict) => lesson?.verdict === verdict && lesson.state !== 'failed'
  return {
    said: lesson && {
      key: `message.learn.${lesson.state}.${lesson.verdict}`,
      when: formatTime(lesson.at, 'moment', place),
    },
    buttons: verdicts
      .filter(verdict => !isSaid(verdict))
      .map(verdict => ({ act: ACTS[verdict], key: `message.learn.${verdict}` })),
  }
}

const ACTS = { spam: 'learn-spam', notSpam: 'learn-not-spam' } as const satisfies Record<Verdict, string>
