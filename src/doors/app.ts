import type { Logger } from 'pino'
import type { ApiKeys } from '../desks/admin/api-keys/api-keys.ts'
import type { Desk } from '../desks/admin/desk.ts'
import type { Config } from '../ground/config/schema.ts'
import type { DueRun } from '../rules/schedule/missed-runs.ts'
import type { RunRequest, RunResult } from '../work/digest/make/run.ts'
import type { DeliverRequest } from '../work/digest/send/deliver.ts'
import type { DeliveredUntilDone } from '../work/digest/send/deliver-until-done.ts'
import type { HttpServer } from './http/server.ts'

/** The use-cases, ready to be called by a door: the command line, HTTP or the clock. */
export interface App extends AsyncDisposable {
  /** What admins can see and do, through any door. */
  readonly desk: Desk
  /** Proves that both databases can be used. @throws CodedError with what to do */
  check(): Promise<void>
  /** Proves that our own tables can be used, even if amavis's cannot. @throws CodedError with what to do */
  checkOwnTables(): Promise<void>
  migrate(): Promise<string[]>
  collect(): Promise<number>
  /** The runs that are due now by the table of schedules and have not been made yet. */
  dueRuns(): Promise<readonly DueRun[]>
  run(request: RunRequest): Promise<RunResult>
  /** Delivers the digests that are due now, without the queue, including those that a dead process left. */
  deliver(request: DeliverRequest): Promise<DeliveredUntilDone>
  /** Ends digests that could not be sent in time, so that their messages can be listed in later ones. */
  expireDigests(): Promise<number>
  /** Offers the queue all work that is due according to the tables. */
  offerDue(): Promise<void>
  /** Does the jobs that the queue hands out. Ends once the signal is aborted and the work in hand is finished. */
  doJobs(signal: AbortSignal): Promise<void>
  /** Ends the claims of processes that died while they asked amavisd. */
  endOrphans(): Promise<void>
  /** Sets `msgrcpt.rs` for releases that are recorded in our tables but not yet in amavis's. */
  markInAmavis(): Promise<void>
  /** Deletes old clicks, old sign-ins and other rows that are no longer needed. */
  tidy(): Promise<void>
  /** Makes work due that a clock running ahead has scheduled too far in the future. */
  resetFutureTimes(): Promise<void>
  seedSchedules(): Promise<void>
  /** When each schedule is due next: an ISO 8601 time for each name. */
  nextRuns(): Promise<Readonly<Record<string, string>>>
  readonly apiKeys: ApiKeys
  /**
   * Reads and compiles in advance what the first digest needs.
   * @throws CodedError TEMPLATE_INVALID, CONFIG_INVALID (a key or certificate file)
   */
  prepare(): Promise<void>
  /** @param stop once it is aborted, /readyz reports that first */
  startHttp(stop: AbortSignal): Promise<HttpServer>
  /** Serves only the monitoring of a worker. Undefined when the worker is configured not to listen. */
  startWatcherHttp(stop: AbortSignal): Promise<HttpServer | undefined>
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
