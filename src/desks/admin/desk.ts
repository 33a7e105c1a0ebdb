import type { Reach } from '../../rules/reach/reach.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import type { Times } from '../../rules/time/due-times.ts'
import type { sendNow } from '../../work/digest/send/send-now.ts'
import type { RenderedDigest } from '../../work/digest/show/render.ts'
import type { findAudit } from './changes/find-changes.ts'
import type { findDigest } from './digests/find-digest.ts'
import type { findDigests } from './digests/find-digests.ts'
import type { resendDigest } from './digests/resend.ts'
import type { rehearseByHand, runByHand } from './digests/run-by-hand.ts'
import type { clickFigures } from './figures/clicks.ts'
import type { overview } from './figures/overview.ts'
import type { findReaders } from './readers/find-readers.ts'
import type { scopesOfSchedule } from './readers/scopes-of-schedule.ts'
import type { waitingMail } from './readers/waiting-mail.ts'
import type { findReleases } from './releases/find-releases.ts'
import type { releaseByAdmin } from './releases/release-by-admin.ts'
import type { calendar } from './schedules/calendar.ts'
import type { removeSchedule, setSchedule } from './schedules/change-schedules.ts'
import type { comingRuns } from './schedules/coming-runs.ts'
import type { schedulesUsers, warningsOfRemoval, warningsOfSchedule } from './schedules/schedule-use.ts'
import type { removeSettings, setSettings } from './settings/change-settings.ts'
import type { explainSettings } from './settings/explain-settings.ts'
import type { exportSettings } from './settings/export-settings.ts'
import type { giveSchedule } from './settings/give-schedule.ts'
import type { importItems, importSettings } from './settings/import-settings.ts'
import type { findSettings, listSettings } from './settings/list-settings.ts'
import type { setOwnSchedule } from './settings/own-schedule.ts'
import type { dropByHand, retryByHand } from './stuck/by-hand.ts'
import type { Status } from './stuck/status.ts'
import type { stuck } from './stuck/stuck.ts'

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
