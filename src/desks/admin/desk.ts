import type { ChangeDesk } from './changes/change-desk.ts'
import type { DigestDesk } from './digests/digest-desk.ts'
import type { DirectoryDesk } from './directory/directory-desk.ts'
import type { FiguresDesk } from './figures/figures-desk.ts'
import type { ReadersDesk } from './readers/readers-desk.ts'
import type { ReleaseDesk } from './releases/release-desk.ts'
import type { ScheduleDesk } from './schedules/schedule-desk.ts'
import type { SettingsDesk } from './settings/settings-desk.ts'
import type { StuckDesk } from './stuck/stuck-desk.ts'

/** What admins can see and do. The command line, the admins' pages and the API all use it. */
export interface Desk {
  readonly schedules: ScheduleDesk
  readonly settings: SettingsDesk
  readonly readers: ReadersDesk
  readonly directory: DirectoryDesk
  readonly digests: DigestDesk
  readonly releases: ReleaseDesk
  readonly stuck: StuckDesk
  readonly changes: ChangeDesk
  readonly figures: FiguresDesk
}
