import { channel } from 'node:diagnostics_channel'

/**
 * The steps between which a crash makes a difference. They are published on the diagnostics channel
 * `amavis-digest:step`, for tracing and for the tests that kill the program there. Without a subscriber they cost
 * nothing.
 */
export type Step =
  /** The items of a run belong to digests; nothing has been sent. */
  | 'items-claimed'
  /** This process has leased the digests. */
  | 'digests-leased'
  /** The mail is rendered; SMTP has not seen it. */
  | 'digest-rendered'
  /** The SMTP server has said 250; the row does not say so yet. */
  | 'digest-accepted'
  /** The row says that the digest was sent. */
  | 'digest-recorded'
  /** The claim is in the row; amavisd has not been asked. */
  | 'release-claimed'
  /** amavisd has answered; the row does not say so yet. */
  | 'release-answered'
  /** The row says what amavisd answered; `msgrcpt.rs` does not yet. */
  | 'release-recorded'
  /** A reader's request is in its row; `msgrcpt.rs` does not say p yet. */
  | 'request-written'
  /** An admin's decision is in its row; nothing has been done about it. */
  | 'request-decided'
  /** The row says that a reader was told; the mail has not been sent. */
  | 'request-letter-claimed'

export const STEP_CHANNEL = 'amavis-digest:step'

/** Publishes that a step has been reached. */
export function publishStep(step: Step): void {
  if (steps.hasSubscribers) steps.publish({ step })
}

const steps = channel(STEP_CHANNEL)
