import type { ContentKind } from '../../ground/amavis/content.ts'
import { SECOND } from '../../ground/durations.ts'
import type { Verdict } from '../../ground/learning/filter-teacher.ts'
import type { ListedState } from '../quarantine/held-list.ts'

export type { Verdict }

/** What the filter was told about a message last. */
export interface Lesson {
  readonly verdict: Verdict
  /** As the audit names them. */
  readonly by: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `asked`: it is being told. */
  readonly state: 'asked' | 'taught' | 'failed'
}

/** Whether somebody is telling the filter now. A process that has not ended within the filter's patience has died. */
export const isBeingTaught = ({ state, at }: Lesson, patience: number, now: number): boolean =>
  state === 'asked' && at > now - patience - MARGIN

/** For the work before and after, in milliseconds. */
const MARGIN = 30 * SECOND

/** A lesson as it stands now: what a process that died was telling the filter has failed, and can be said again. */
export const asItStands = (lesson: Lesson, patience: number, now: number): Lesson =>
  lesson.state === 'asked' && !isBeingTaught(lesson, patience, now) ? { ...lesson, state: 'failed' } : lesson

/**
 * What can be said of a message that has arrived: that it was spam after all and, of one that was held as spam, that it
 * was none. Of what may do harm, nothing is learnt, nor of what is still held.
 */
export function verdictsOn({
  kind,
  state,
}: {
  readonly kind: ContentKind
  readonly state: ListedState | undefined
}): readonly Verdict[] {
  if (state !== 'released' || HARMFUL.includes(kind)) return []
  return kind === 'spam' ? ['notSpam', 'spam'] : ['spam']
}

const HARMFUL: readonly ContentKind[] = ['virus', 'banned']
