import { AUDIT_OPERATIONS } from './operations/audit.ts'
import { DIGEST_OPERATIONS } from './operations/digests.ts'
import { FIGURE_OPERATIONS } from './operations/figures.ts'
import { IMPORT_OPERATIONS } from './operations/import.ts'
import { READER_OPERATIONS } from './operations/readers.ts'
import { RECIPIENT_OPERATIONS } from './operations/recipients.ts'
import { RELEASE_OPERATIONS } from './operations/releases.ts'
import { RUN_OPERATIONS } from './operations/runs.ts'
import { SCHEDULE_TIME_OPERATIONS } from './operations/schedule-times.ts'
import { SCHEDULE_OPERATIONS } from './operations/schedules.ts'
import type { Operation } from './protocol/operation.ts'

/**
 * All that the API does. The router and the OpenAPI document are made from this. A path that is written out comes
 * before one with a place for any name.
 */
export const OPERATIONS: readonly Operation[] = [
  ...SCHEDULE_TIME_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...RECIPIENT_OPERATIONS,
  ...READER_OPERATIONS,
  ...DIGEST_OPERATIONS,
  ...RELEASE_OPERATIONS,
  ...RUN_OPERATIONS,
  ...FIGURE_OPERATIONS,
  ...AUDIT_OPERATIONS,
]
