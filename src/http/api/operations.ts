import { AUDIT_OPERATIONS } from './audit.ts'
import { DIGEST_OPERATIONS } from './digests.ts'
import { FIGURE_OPERATIONS } from './figures.ts'
import { IMPORT_OPERATIONS } from './import.ts'
import type { Operation } from './operation.ts'
import { READER_OPERATIONS } from './readers.ts'
import { RECIPIENT_OPERATIONS } from './recipients.ts'
import { RELEASE_OPERATIONS } from './releases.ts'
import { RUN_OPERATIONS } from './runs.ts'
import { SCHEDULE_TIME_OPERATIONS } from './schedule-times.ts'
import { SCHEDULE_OPERATIONS } from './schedules.ts'

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
