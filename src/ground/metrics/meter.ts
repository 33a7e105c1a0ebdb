import type { ReleaseResult } from '../state/states.ts'

/** The port through which use-cases report what they did, for /metrics. Never throws, never waits. */
export interface Meter {
  /** Held mails became items. */
  collected(items: number): void
  /** An attempt to send a digest; `seconds` from when its row was written until the server answered. */
  delivered(outcome: DeliveryOutcome, seconds: number): void
  /** amavisd was asked to release a mail, and answered after `seconds`. */
  released(outcome: ReleaseResult, seconds: number): void
  /** Another attempt after a delay. */
  retried(what: Retried): void
  /** A request to one of the readers' links. */
  linkRequested(page: LinkPage, kind: LinkRequestKind): void
  /** A machine was found to read a digest; once for each digest. */
  machineSeen(): void
}

export const DELIVERY_OUTCOMES = ['sent', 'empty', 'refused', 'deferred', 'unreachable', 'given-up'] as const
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number]

export const RETRIED = ['digest', 'release'] as const
export type Retried = (typeof RETRIED)[number]

export const LINK_PAGES = ['release', 'digest', 'preferences', 'canary'] as const
export type LinkPage = (typeof LINK_PAGES)[number]

export const LINK_REQUEST_KINDS = ['GET', 'HEAD', 'POST', 'prefetch'] as const
export type LinkRequestKind = (typeof LINK_REQUEST_KINDS)[number]
