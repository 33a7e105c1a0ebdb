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
  /** A request of somebody who proved nothing was refused. */
  refused(what: RefusedWhat): void
}

export const DELIVERY_OUTCOMES = ['sent', 'empty', 'refused', 'deferred', 'unreachable', 'given-up'] as const
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number]

export const RETRIED = ['digest', 'release'] as const
export type Retried = (typeof RETRIED)[number]

/** `link`: no key of ours signed it. `sign-in`: by a bad link. `sign-in-link`: a link that was asked for. */
export const REFUSED_WHAT = ['link', 'sign-in', 'sign-in-link', 'api-key'] as const
export type RefusedWhat = (typeof REFUSED_WHAT)[number]

export const LINK_PAGES = ['release', 'digest', 'preferences', 'canary'] as const
export type LinkPage = (typeof LINK_PAGES)[number]

export const LINK_REQUEST_KINDS = ['GET', 'HEAD', 'POST', 'prefetch'] as const
export type LinkRequestKind = (typeof LINK_REQUEST_KINDS)[number]
