import { changeDesk } from '../desks/admin/changes/change-desk.ts'
import type { ChangesDeps } from '../desks/admin/changes/find-changes-with-mail.ts'
import type { Desk } from '../desks/admin/desk.ts'
import { type DigestDeskDeps, digestDesk } from '../desks/admin/digests/digest-desk.ts'
import { type DirectoryDeskDeps, directoryDesk } from '../desks/admin/directory/directory-desk.ts'
import { type FiguresDeskDeps, figuresDesk } from '../desks/admin/figures/figures-desk.ts'
import { type ReadersDeskDeps, readersDesk } from '../desks/admin/readers/readers-desk.ts'
import { type ReleaseDeskDeps, releaseDesk } from '../desks/admin/releases/release-desk.ts'
import { type ScheduleDeskDeps, scheduleDesk } from '../desks/admin/schedules/schedule-desk.ts'
import { type SettingsDeskDeps, settingsDesk } from '../desks/admin/settings/settings-desk.ts'
import { type StuckDeskDeps, stuckDesk } from '../desks/admin/stuck/stuck-desk.ts'

/** What each part of the desk depends on. */
export interface DeskDeps {
  readonly schedules: ScheduleDeskDeps
  readonly settings: SettingsDeskDeps
  readonly readers: ReadersDeskDeps
  readonly directory: DirectoryDeskDeps
  readonly digests: DigestDeskDeps
  readonly releases: ReleaseDeskDeps
  readonly stuck: StuckDeskDeps
  readonly changes: ChangesDeps
  readonly figures: FiguresDeskDeps
}

export const deskOf = (deps: DeskDeps): Desk => ({
  schedules: scheduleDesk(deps.schedules),
  settings: settingsDesk(deps.settings),
  readers: readersDesk(deps.readers),
  directory: directoryDesk(deps.directory),
  digests: digestDesk(deps.digests),
  releases: releaseDesk(deps.releases),
  stuck: stuckDesk(deps.stuck),
  changes: changeDesk(deps.changes),
  figures: figuresDesk(deps.figures),
})
