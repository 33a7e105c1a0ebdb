import { SECOND } from '../durations.ts'
import type { Meter } from './meter.ts'

/** Notices from a meter that digests are being sent: others leave them most of the thread then. */
export interface NoticedDeliveries {
  readonly meter: Meter
  /** Whether one was tried within the last half second. */
  isSending(): boolean
}

/** @param now a monotonic clock, in milliseconds */
export function noticeDeliveries(meter: Meter, now: () => number): NoticedDeliveries {
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    meter: {
      ...meter,
      delivered(outcome, seconds) {
        lastAt = now()
        meter.delivered(outcome, seconds)
      },
    },
    isSending: () => now() - lastAt < SECOND / 2,
  }
}
