import type { Logger } from 'pino'
import type { ApiKeys } from '../desks/admin/api-keys/api-keys.ts'
import type { Desk } from '../desks/admin/desk.ts'
import type { LearningDesk } from '../desks/learning/learning-desk.ts'
import type { QuarantineDesk } from '../desks/quarantine/quarantine-desk.ts'
import type { RequestDesk } from '../desks/requests/request-desk.ts'
import type { SenderDesk } from '../desks/senders/sender-desk.ts'
import type { Actor } from '../ground/audit/record.ts'
import type { Config } from '../ground/config/schema.ts'
import type { DueRun } from '../rules/schedule/missed-runs.ts'
import type { RunRequest, RunResult } from '../work/digest/make/run.ts'
import type { DeliverAllRequest, DeliveredUntilDone } from '../work/digest/send/deliver-until-done.ts'
import type { Doctor } from '../work/doctor/run-checks.ts'
import type { PurgeRequest, PurgeResult } from '../work/purge/purge.ts'
import type { DifferingSchedule } from '../work/schedules/differing-schedules.ts'
import type { HttpServer } from './http/server.ts'

/** The use-cases, ready to be called by a door: the command line, HTTP or the clock. */
export interface App extends AsyncDisposable {
  /** What admins can see and do, through any door. */
  readonly desk: Desk
  /** What readers and admins do in the quarantine, through any door. */
  readonly quarantine: QuarantineDesk
  /** What admins do with what readers have asked for, through any door. */
  readonly requests: RequestDesk
  /** Who is always let through and who is always held, through any door. */
  readonly senders: SenderDesk
  /** What readers and admins tell the filter, through any door. */
  readonly learning: LearningDesk
  /** Proves that both databases can be used. @throws CodedError with what to do */
  check(): Promise<void>
  /** Proves that our own tables can be used, even if amavis's cannot. @throws CodedError with what to do */
  checkOwnTables(): Promise<void>
  /** Proves that amavis's database can be used. @throws CodedError with what to do */
  checkStorage(): Promise<void>
  /** What admins get wrong, looked for. */
  readonly doctor: Doctor
  /** Logs it when the key is missing that signed the links in mails already sent. */
  tellOfLostKeys(): Promise<void>
  migrate(): Promise<string[]>
  /** Collects all held mail that is there now, as soon as can be. @returns how many items are new */
  collect(): Promise<number>
  /** Collects what came since the last time, at a pace that amavisd does not notice. @param signal ends its rests */
  collectUnnoticed(signal: AbortSignal): Promise<number>
  /**
   * Lets waiting messages follow the directory, if that is due. Once the signal is aborted, it stops.
   * @returns whether it was due
   */
  placeAnew(signal: AbortSignal): Promise<boolean>
  /** The runs that are due now by the table of schedules and have not been made yet. */
  dueRuns(): Promise<readonly DueRun[]>
  run(request: RunRequest): Promise<RunResult>
  /** Delivers the digests that are due now, without the queue, or waits until others have: deliverUntilDone. */
  deliver(request: DeliverAllRequest): Promise<DeliveredUntilDone>
  /** Ends digests that could not be sent in time, so that their messages can be listed in later ones. @returns how many */
  expireDigests(): Promise<number>
  /** Offers the queue all work that is due according to the tables. @returns how many jobs those are */
  offerDue(): Promise<number>
  /** Does the jobs that the queue hands out. Ends once the signal is aborted and the work in hand is finished. */
  doJobs(signal: AbortSignal): Promise<void>
  /** Ends the claims of processes that died while they asked amavisd. @returns how many */
  endOrphans(): Promise<number>
  /** Sets `msgrcpt.rs` for releases that are recorded in our tables but not yet in amavis's. @returns for how many */
  markInAmavis(): Promise<number>
  /**
   * Does what is due for requests: ends them, releases what was approved, tells readers and admins.
   * @returns whether one was due
   */
  sweepRequests(signal: AbortSignal): Promise<boolean>
  /**
   * Works for some seconds on what people have begun to release or delete together. @returns whether there is more
   */
  workOnBulks(signal: AbortSignal): Promise<boolean>
  /** Deletes old mail from amavis's tables, and what our own have about it. @throws CodedError with what to do */
  purge(request: PurgeRequest): Promise<PurgeResult>
  /** Purges if `purge.cron` says so and nobody else does; else resolves to undefined. */
  purgeWhenDue(signal: AbortSignal): Promise<PurgeResult | undefined>
  /** Proves that `serve` may purge, if it is to. @throws CodedError with the GRANTs that are missing */
  checkPurge(): Promise<void>
  /** Where the life of links and the retention do not fit, a sentence each. */
  promiseWarnings(): readonly string[]
  /** Deletes old clicks, old sign-ins and other rows that are no longer needed. */
  tidy(): Promise<void>
  /** Makes work due that a clock running ahead has scheduled too far in the future. */
  resetFutureTimes(): Promise<void>
  seedSchedules(): Promise<void>
  /** The schedules of the configuration that the table, which counts, does not have like this. */
  differingSchedules(): Promise<readonly DifferingSchedule[]>
  /** When each schedule is due next: an ISO 8601 time for each name. */
  nextRuns(): Promise<Readonly<Record<string, string>>>
  readonly apiKeys: ApiKeys
  /**
   * Makes a link with which an admin signs in, once, in any browser.
   * @throws CodedError USAGE for an address that is not an admin's
   */
  adminLink(by: Actor, address: string): Promise<SignInLink>
  /**
   * Reads and compiles in advance what the first digest needs, renders an admin's own templates once, and refuses a
   * queue that can never be used.
   * @throws CodedError TEMPLATE_INVALID, CONFIG_INVALID (a key or certificate file, the queue)
   */
  prepare(): Promise<void>
  /**
   * @param stop once it is aborted, /readyz reports that first
   * @param onChange called after each request that may have begun something that this process goes on with
   */
  startHttp(stop: AbortSignal, onChange?: () => void): Promise<HttpServer>
  /** Serves only the monitoring of a worker. Undefined when the worker is configured not to listen. */
  startWatcherHttp(stop: AbortSignal): Promise<HttpServer | undefined>
}

/** A sign-in link of an admin. Whoever has it can sign in. */
export interface SignInLink {
  readonly admin: string
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Surroundings {
  readonly log: Logger
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** True for a process that answers HTTP. Only such a process keeps figures for /metrics. */
  readonly isService?: boolean
}

/** Puts the use-cases together. Connections are made on first use. */
export type CreateApp = (config: Config, surroundings: Surroundings) => Promise<App>
