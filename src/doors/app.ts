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
  /** What admins can see and do, by whichever door. */
  readonly desk: Desk
  /** Proves that both databases can be used. @throws CodedError with what to do */
  check(): Promise<void>
  /** Proves that our own tables can be used, whatever becomes of amavis's. @throws CodedError with what to do */
  checkOwnTables(): Promise<void>
  migrate(): Promise<string[]>
  collect(): Promise<number>
  /** The runs that the schedules ask for now, by the table and by what has been made. */
  dueRuns(): Promise<readonly DueRun[]>
  run(request: RunRequest): Promise<RunResult>
  /** Delivers now, without the queue, what is due; also what a dead process has left. */
  deliver(request: DeliverRequest): Promise<DeliveredUntilDone>
  /** Lets the messages of digests go that could not be sent in time. */
  expireDigests(): Promise<number>
  /** Offers to the queue what the tables say is due. */
  offerDue(): Promise<void>
  /** Does the jobs that the queue hands out. Ends once the signal is aborted and the work in hand is finished. */
  doJobs(signal: AbortSignal): Promise<void>
  /** Ends the claims of processes that died while they asked amavisd. */
  endOrphans(): Promise<void>
  /** Sets `msgrcpt.rs` where a release has been recorded and amavis's tables do not know. */
  markInAmavis(): Promise<void>
  /** Deletes old clicks, sign-ins and what else has served its time. */
  tidy(): Promise<void>
  /** Makes due what a clock that was ahead has put off for too long. */
  resetFutureTimes(): Promise<void>
  seedSchedules(): Promise<void>
  /** When each schedule is due next: an ISO 8601 time by its name. */
  nextRuns(): Promise<Readonly<Record<string, string>>>
  readonly apiKeys: ApiKeys
  /**
   * Reads and compiles now what the first digest needs.
   * @throws CodedError TEMPLATE_INVALID, CONFIG_INVALID (a key or certificate file)
   */
  prepare(): Promise<void>
  /** @param stop once aborted, /readyz says so first of all */
  startHttp(stop: AbortSignal): Promise<HttpServer>
  /** For those who watch a worker, and nobody else; undefined when it shall not listen. */
  startWatcherHttp(stop: AbortSignal): Promise<HttpServer | undefined>
}

export interface Surroundings {
  readonly log: Logger
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Puts the use-cases together. Nothing connects before it is needed. */
export type CreateApp = (config: Config, surroundings: Surroundings) => App
