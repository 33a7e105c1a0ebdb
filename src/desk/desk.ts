import type { RenderedDigest } from '../digest/render.ts'
import type { explainSettings } from '../preferences/explain-settings.ts'
import type { findSettings, listSettings } from '../preferences/list-settings.ts'
import type { releaseByAdmin } from '../release/release-by-admin.ts'
import type { removeSchedule, setSchedule } from '../schedule/change-schedules.ts'
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
import type { stuck } from './stuck.ts'

/** What admins can see and do, for all the doors that lead to it: the command line, the admin's pages and the API. */
export interface Desk {
  /** @param limit of each list; undefined: all there is */
  status(limit: number | undefined): Promise<Status>
  listSchedules(): Promise<Schedule[]>
  setSchedule: Bound<typeof setSchedule>
  removeSchedule: Bound<typeof removeSchedule>
  listSettings: Bound<typeof listSettings>
  findSettings: Bound<typeof findSettings>
  explainSettings: Bound<typeof explainSettings>
  preview(reader: string): Promise<RenderedDigest | undefined>
  releaseByAdmin: Bound<typeof releaseByAdmin>
  retryByHand: Bound<typeof retryByHand>
  dropByHand: Bound<typeof dropByHand>
  overview: Bound<typeof overview>
  stuck: Bound<typeof stuck>
  findReaders: Bound<typeof findReaders>
  findDigests: Bound<typeof findDigests>
  findDigest: Bound<typeof findDigest>
  findReleases: Bound<typeof findReleases>
  findAudit: Bound<typeof findAudit>
  clickFigures: Bound<typeof clickFigures>
}

/** A use-case that has got what it depends on. */
export type Bound<UseCase> = UseCase extends (deps: never, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never
