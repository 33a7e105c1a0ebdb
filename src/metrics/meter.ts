/** The port through which use-cases tell what they did, for /metrics. Never throws, never waits. */
export interface Meter {
  /** Held mail that became items. */
  collected(items: number): void
  /** An attempt to send a digest; `seconds` from its row to the server's answer. */
  delivered(outcome: DeliveryOutcome, seconds: number): void
  /** A question to amavisd; `seconds` until its answer. */
  released(outcome: ReleaseResult, seconds: number): void
  /** Another attempt at what was put off. */
  retried(what: 'digest' | 'release'): void
  /** A request to one of the readers' links. */
  linkRequested(page: LinkPage, kind: LinkRequestKind): void
}

export type DeliveryOutcome = 'sent' | 'empty' | 'refused' | 'deferred' | 'unreachable' | 'given-up'
export type ReleaseResult = 'released' | 'queued' | 'failed' | 'uncertain'
export type LinkPage = 'release' | 'digest' | 'preferences'
export type LinkRequestKind = 'GET' | 'HEAD' | 'POST' | 'prefetch'

/** For commands that end before anybody could ask. */
export const NO_METER: Meter = {
  collected: () => {},
  delivered: () => {},
  released: () => {},
  retried: () => {},
  linkRequested: () => {},
}
