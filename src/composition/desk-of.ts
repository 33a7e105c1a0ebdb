import type { Kysely } from 'kysely'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { findAudit } from '../desk/audit.ts'
import { clickFigures } from '../desk/clicks.ts'
import type { Desk } from '../desk/desk.ts'
import { findDigest } from '../desk/find-digest.ts'
import { findDigests } from '../desk/find-digests.ts'
import { findReaders } from '../desk/find-readers.ts'
import { findReleases } from '../desk/find-releases.ts'
import { overview } from '../desk/overview.ts'
import { scopesOfSchedule } from '../desk/scopes-of-schedule.ts'
import { stuck } from '../desk/stuck.ts'
import { waitingMail } from '../desk/waiting-mail.ts'
import { type PreviewDeps, preview } from '../digest/preview.ts'
import { type ResendDeps, resendDigest } from '../digest/resend.ts'
import { rehearseByHand, runByHand } from '../digest/run-by-hand.ts'
import { removeSettings, type SettingsDeps, setSettings } from '../preferences/change-settings.ts'
import { explainSettings } from '../preferences/explain-settings.ts'
import { exportSettings } from '../preferences/export-settings.ts'
import { giveSchedule } from '../preferences/give-schedule.ts'
import { importItems, importSettings } from '../preferences/import-settings.ts'
import { findSettings, listSettings } from '../preferences/list-settings.ts'
import { setOwnSchedule } from '../preferences/own-schedule.ts'
import { type SendNowDeps, sendNow } from '../preferences/send-now.ts'
import type { StandardSettings } from '../preferences/settings.ts'
import { type AdminReleaseDeps, releaseByAdmin } from '../release/release-by-admin.ts'
import { type CalendarDeps, calendar } from '../schedule/calendar.ts'
import { removeSchedule, type ScheduleDeps, setSchedule } from '../schedule/change-schedules.ts'
import { comingRuns } from '../schedule/coming-runs.ts'
import { readNextRuns } from '../schedule/next-runs.ts'
import { nextTimes } from '../schedule/next-times.ts'
import { schedulesUsers, warningsOfRemoval, warningsOfSchedule } from '../schedule/schedule-use.ts'
import { schedulesWithin } from '../schedule/schedules-within.ts'
import { dropByHand, retryByHand } from '../status/by-hand.ts'
import { readStatus } from '../status/status.ts'
import type { ByHandDeps } from '../status/target.ts'

export interface DeskDeps extends ScheduleDeps {
  readonly state: Database<StateTables>
  readonly storage: Kysely<AmavisTables>
  readonly standard: StandardSettings
  readonly clock: () => number
  readonly publicUrl: string
  readonly previewing: PreviewDeps
  readonly releasing: AdminReleaseDeps
  readonly settings: SettingsDeps
  readonly byHand: ByHandDeps
  /** Made when it is asked for: it needs the keys and the mailer. */
  readonly sending: () => SendNowDeps
  readonly counting: CalendarDeps
  readonly resending: ResendDeps
}

/** Gives the use-cases of the desk what they depend on. */
export function deskOf(deps: DeskDeps): Desk {
  const { state } = deps
  return {
    status: limit => readStatus(deps, limit),
    listSchedules: reach => schedulesWithin(state, reach),
    comingRuns: (reach, most) => comingRuns(deps, reach, most),
    nextRuns: (reach, only) => readNextRuns(state, deps.standard.timeZone, deps.clock(), reach, only),
    setSchedule: (by, name, change, expected) => setSchedule(deps, by, name, change, expected),
    removeSchedule: (by, name, options) => removeSchedule(deps, by, name, options),
    schedulesUsers: reach => schedulesUsers(deps, reach),
    scopesOfSchedule: name => scopesOfSchedule(deps, name),
    warningsOfSchedule: name => warningsOfSchedule(deps, name),
    warningsOfRemoval: name => warningsOfRemoval(deps, name),
    nextTimes: (times, count) => nextTimes(times, deps.clock(), count),
    calendar: (reach, days) => calendar(deps.counting, reach, days),
    listSettings: (reach, listing) => listSettings(deps, reach, listing),
    findSettings: (reach, scope) => findSettings(deps, reach, scope),
    explainSettings: (reach, scope) => explainSettings(deps, reach, scope),
    setSettings: (by, scope, change, expected) => setSettings(deps.settings, by, scope, change, expected),
    removeSettings: (by, scope, expected) => removeSettings(deps.settings, by, scope, expected),
    setOwnSchedule: (by, scope, change) => setOwnSchedule({ ...deps, ...deps.settings }, by, scope, change),
    giveSchedule: (by, name, scope, expected) => giveSchedule(deps.settings, by, name, scope, expected),
    importSettings: (by, input, options) => importSettings(deps.settings, by, input, options),
    importItems: (by, items, options) => importItems(deps.settings, by, items, options),
    exportSettings: (reach, domains) => exportSettings(deps, reach, domains),
    sendNow: (reader, by) => sendNow(deps.sending(), reader, by),
    preview: (reach, reader) => preview(deps.previewing, reach, reader, deps.publicUrl),
    runByHand: (by, wanted, signal) => runByHand(deps.previewing, by, wanted, signal),
    rehearseByHand: (by, wanted, most) => rehearseByHand(deps.previewing, by, wanted, most),
    releaseByAdmin: request => releaseByAdmin(deps.releasing, request),
    retryByHand: request => retryByHand(deps.byHand, request),
    dropByHand: request => dropByHand(deps.byHand, request),
    stuck: reach => stuck(deps, reach),
    overview: (reach, days, timeZone) => overview(deps, reach, days, timeZone),
    findReaders: (reach, query) => findReaders(deps, reach, query),
    findDigests: (reach, query) => findDigests(deps, reach, query),
    findDigest: (reach, id) => findDigest(deps, reach, id),
    waitingMail: (reach, reader) => waitingMail(deps, reach, reader),
    resendDigest: (by, id) => resendDigest(deps.resending, by, id),
    findReleases: (reach, query) => findReleases(deps, reach, query),
    findAudit: (reach, query) => findAudit(deps, reach, query),
    clickFigures: (reach, request) => clickFigures(deps, reach, request),
  }
}
