import type { Reach } from '../admins/reach.ts'
import type { RenderedDigest } from '../digest/render.ts'
import type { resendDigest } from '../digest/resend.ts'
import type { rehearseByHand, runByHand } from '../digest/run-by-hand.ts'
import type { removeSettings, setSettings } from '../preferences/change-settings.ts'
import type { explainSettings } from '../preferences/explain-settings.ts'
import type { exportSettings } from '../preferences/export-settings.ts'
import type { giveSchedule } from '../preferences/give-schedule.ts'
import type { importItems, importSettings } from '../preferences/import-settings.ts'
import type { findSettings, listSettings } from '../preferences/list-settings.ts'
import type { setOwnSchedule } from '../preferences/own-schedule.ts'
import type { sendNow } from '../preferences/send-now.ts'
import type { releaseByAdmin } from '../release/release-by-admin.ts'
import type { calendar } from '../schedule/calendar.ts'
import type { removeSchedule, setSchedule } from '../schedule/change-schedules.ts'
import type { comingRuns } from '../schedule/coming-runs.ts'
import type { Times } from '../schedule/due-times.ts'
import type { schedulesUsers, warningsOfRemoval, warningsOfSchedule } from '../schedule/schedule-use.ts'
import type { Schedule } from '../schedule/schedules.ts'
import type { dropByHand, retryByHand } from '../status/by-hand.ts'
import type { Status } from '../status/status.ts'
import type { findAudit } from './audit.ts'
import type { clickFigures } from './clicks.ts'
import type { findDigest } from './find-digest.ts'
import type { findDigests } from './find-digests.ts'
import type { findReaders } from './find-readers.ts'
import type { findReleases } from './find-releases.ts'
import type { overview } from './overview.ts'
import type { scopesOfSchedule } from './scopes-of-schedule.ts'
import type { stuck } from './stuck.ts'
import type { waitingMail } from './waiting-mail.ts'

/** What admins can see and do, for all the doors that lead to it: the command line, the admin's pages and the API. */
export interface Desk {
  /** @param limit of each list; undefined: all there is */
  status(limit: number | undefined): Promise<Status>
  listSchedules(reach: Reach): Promise<Schedule[]>
  comingRuns: Bound<typeof comingRuns>
  /** When each schedule that is on, or `only` this one, is due next, as ISO 8601 times by its name. */
  nextRuns(reach: Reach, only?: string): Promise<Readonly<Record<string, string>>>
  setSchedule: Bound<typeof setSchedule>
  removeSchedule: Bound<typeof removeSchedule>
  schedulesUsers: Bound<typeof schedulesUsers>
  scopesOfSchedule: Bound<typeof scopesOfSchedule>
  warningsOfSchedule: Bound<typeof warningsOfSchedule>
  warningsOfRemoval: Bound<typeof warningsOfRemoval>
  /** The next times after now. @throws Error what cannot be read as a cron expression or a time zone */
  nextTimes(times: Times, count: number): number[]
  calendar: Bound<typeof calendar>
  listSettings: Bound<typeof listSettings>
  findSettings: Bound<typeof findSettings>
  explainSettings: Bound<typeof explainSettings>
  setSettings: Bound<typeof setSettings>
  removeSettings: Bound<typeof removeSettings>
  setOwnSchedule: Bound<typeof setOwnSchedule>
  giveSchedule: Bound<typeof giveSchedule>
  importSettings: Bound<typeof importSettings>
  importItems: Bound<typeof importItems>
  exportSettings: Bound<typeof exportSettings>
  preview(reach: Reach, reader: string): Promise<RenderedDigest | undefined>
  sendNow: Bound<typeof sendNow>
  runByHand: Bound<typeof runByHand>
  rehearseByHand: Bound<typeof rehearseByHand>
  releaseByAdmin: Bound<typeof releaseByAdmin>
  retryByHand: Bound<typeof retryByHand>
  dropByHand: Bound<typeof dropByHand>
  overview: Bound<typeof overview>
  stuck: Bound<typeof stuck>
  findReaders: Bound<typeof findReaders>
  findDigests: Bound<typeof findDigests>
  findDigest: Bound<typeof findDigest>
  waitingMail: Bound<typeof waitingMail>
  resendDigest: Bound<typeof resendDigest>
  findReleases: Bound<typeof findReleases>
  findAudit: Bound<typeof findAudit>
  clickFigures: Bound<typeof clickFigures>
}

/** A use-case that has got what it depends on. */
export type Bound<UseCase> = UseCase extends (deps: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never
