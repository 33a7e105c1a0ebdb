import { channel } from 'node:diagnostics_channel'

/**
 * The points between which a crash matters. They are published on the diagnostics channel `amavis-digest:step`: to
 * whoever traces the program, and to the tests that kill it there. Without a subscriber they cost nothing.
 */
export type Step =
  /** A run's items belong to digests; nothing has been sent. */
  | 'items-claimed'
  /** Digests are in this process's hands. */
  | 'digests-leased'
  /** The mail is made; SMTP has not seen it. */
  | 'digest-rendered'
  /** The SMTP server has said 250; the row does not know. */
  | 'digest-accepted'
  /** The row says that the digest was sent. */
  | 'digest-recorded'
  /** The claim is in the row; amavisd has not been asked. */
  | 'release-claimed'
  /** amavisd has answered; the row does not know. */
  | 'release-answered'
  /** The row says what amavisd answered; `msgrcpt.rs` does not. */
  | 'release-recorded'

export const STEP_CHANNEL = 'amavis-digest:step'

/** Tells that a step has been reached. */
export function publishStep(step: Step): void {
  if (steps.hasSubscribers) steps.publish({ step })
}

const steps = channel(STEP_CHANNEL)
