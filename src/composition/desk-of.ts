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
import { stuck } from '../desk/stuck.ts'
import { type PreviewDeps, preview } from '../digest/preview.ts'
import { explainSettings } from '../preferences/explain-settings.ts'
import { findSettings, listSettings } from '../preferences/list-settings.ts'
import type { StandardSettings } from '../preferences/settings.ts'
import { type AdminReleaseDeps, releaseByAdmin } from '../release/release-by-admin.ts'
import { removeSchedule, type ScheduleDeps, setSchedule } from '../schedule/change-schedules.ts'
import { listSchedules } from '../schedule/schedules.ts'
import { type ByHandDeps, dropByHand, retryByHand } from '../status/by-hand.ts'
import { readStatus } from '../status/status.ts'

export interface DeskDeps extends ScheduleDeps {
  readonly state: Database<StateTables>
  readonly storage: Kysely<AmavisTables>
  readonly standard: StandardSettings
  readonly clock: () => number
  readonly publicUrl: string
  readonly previewing: PreviewDeps
  readonly releasing: AdminReleaseDeps
  readonly byHand: ByHandDeps
}

/** Gives the use-cases of the desk what they depend on. */
export function deskOf(deps: DeskDeps): Desk {
  const { state } = deps
  return {
    status: limit => readStatus(deps, limit),
    listSchedules: () => listSchedules(state),
    setSchedule: (by, name, change, expected) => setSchedule(deps, by, name, change, expected),
    removeSchedule: (by, name, options) => removeSchedule(deps, by, name, options),
    listSettings: (reach, listing) => listSettings(deps, reach, listing),
    findSettings: (reach, scope) => findSettings(deps, reach, scope),
    explainSettings: (reach, scope) => explainSettings(deps, reach, scope),
    preview: reader => preview(deps.previewing, reader, deps.publicUrl),
    releaseByAdmin: request => releaseByAdmin(deps.releasing, request),
    retryByHand: request => retryByHand(deps.byHand, request),
    dropByHand: request => dropByHand(deps.byHand, request),
    stuck: reach => stuck(deps, reach),
    overview: (reach, days, timeZone) => overview(deps, reach, days, timeZone),
    findReaders: (reach, query) => findReaders(deps, reach, query),
    findDigests: (reach, query) => findDigests(deps, reach, query),
    findDigest: (reach, id) => findDigest(deps, reach, id),
    findReleases: (reach, query) => findReleases(deps, reach, query),
    findAudit: (reach, query) => findAudit(deps, reach, query),
    clickFigures: (reach, request) => clickFigures(deps, reach, request),
  }
}
