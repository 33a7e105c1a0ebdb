import type { Kysely } from 'kysely'
import { findAudit } from '../desks/admin/changes/find-changes.ts'
import type { Desk } from '../desks/admin/desk.ts'
import { findDigest } from '../desks/admin/digests/find-digest.ts'
import { findDigests } from '../desks/admin/digests/find-digests.ts'
import { type PreviewDeps, preview } from '../desks/admin/digests/preview.ts'
import { type ResendDeps, resendDigest } from '../desks/admin/digests/resend.ts'
import { rehearseByHand, runByHand } from '../desks/admin/digests/run-by-hand.ts'
import { clickFigures } from '../desks/admin/figures/clicks.ts'
import { overview } from '../desks/admin/figures/overview.ts'
import { findReaders } from '../desks/admin/readers/find-readers.ts'
import { scopesOfSchedule } from '../desks/admin/readers/scopes-of-schedule.ts'
import { waitingMail } from '../desks/admin/readers/waiting-mail.ts'
import { findReleases } from '../desks/admin/releases/find-releases.ts'
import { type AdminReleaseDeps, releaseByAdmin } from '../desks/admin/releases/release-by-admin.ts'
import { type CalendarDeps, calendar } from '../desks/admin/schedules/calendar.ts'
import { removeSchedule, type ScheduleDeps, setSchedule } from '../desks/admin/schedules/change-schedules.ts'
import { comingRuns } from '../desks/admin/schedules/coming-runs.ts'
import { readNextRuns } from '../desks/admin/schedules/next-runs.ts'
import {
  schedulesUsers,
  warningsOfRemoval,
  warningsOfSchedule,
} from '../desks/admin/schedules/schedule-use.ts'
import { schedulesWithin } from '../desks/admin/schedules/schedules-within.ts'
import { removeSettings, type SettingsDeps, setSettings } from '../desks/admin/settings/change-settings.ts'
import { explainSettings } from '../desks/admin/settings/explain-settings.ts'
import { exportSettings } from '../desks/admin/settings/export-settings.ts'
import { giveSchedule } from '../desks/admin/settings/give-schedule.ts'
import { importItems, importSettings } from '../desks/admin/settings/import-settings.ts'
import { findSettings, listSettings } from '../desks/admin/settings/list-settings.ts'
import { setOwnSchedule } from '../desks/admin/settings/own-schedule.ts'
import { dropByHand, retryByHand } from '../desks/admin/stuck/by-hand.ts'
import { readStatus } from '../desks/admin/stuck/status.ts'
import { stuck } from '../desks/admin/stuck/stuck.ts'
import type { ByHandDeps } from '../desks/admin/stuck/target.ts'
import type { AmavisTables } from '../ground/amavis/tables.ts'
import type { Database } from '../ground/database/database.ts'
import type { StateTables } from '../ground/state/state-tables.ts'
import type { StandardSettings } from '../rules/settings/reader-settings.ts'
import { nextTimes } from '../rules/time/next-times.ts'
import { type SendNowDeps, sendNow } from '../work/digest/send/send-now.ts'

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
