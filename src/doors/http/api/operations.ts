import { AUDIT_OPERATIONS } from './operations/audit/audit-operations.ts'
import { DIGEST_OPERATIONS } from './operations/digests/digest-operations.ts'
import { FIGURE_OPERATIONS } from './operations/figures/figure-operations.ts'
import { HELD_OPERATIONS } from './operations/held/held-operations.ts'
import { READER_OPERATIONS } from './operations/readers/reader-operations.ts'
import { RELEASE_OPERATIONS } from './operations/releases/release-operations.ts'
import { REQUEST_OPERATIONS } from './operations/requests/request-operations.ts'
import { RUN_OPERATIONS } from './operations/runs/run-operation.ts'
import { SCHEDULE_OPERATIONS } from './operations/schedules/schedule-operations.ts'
import { SCHEDULE_TIME_OPERATIONS } from './operations/schedules/schedule-time-operations.ts'
import { SENDER_OPERATIONS } from './operations/senders/sender-operations.ts'
import { IMPORT_OPERATIONS } from './operations/settings/import-operation.ts'
import { SETTINGS_OPERATIONS } from './operations/settings/settings-operations.ts'
import type { Operation } from './protocol/operation.ts'

/**
 * Everything that the API does. The router and the OpenAPI document are made from this list. A path without a parameter
 * comes before one that has a parameter in the same place.
 */
export const OPERATIONS: readonly Operation[] = [
  ...SCHEDULE_TIME_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...SETTINGS_OPERATIONS,
  ...READER_OPERATIONS,
  ...DIGEST_OPERATIONS,
  ...RELEASE_OPERATIONS,
  ...HELD_OPERATIONS,
  ...REQUEST_OPERATIONS,
  ...SENDER_OPERATIONS,
  ...RUN_OPERATIONS,
  ...FIGURE_OPERATIONS,
  ...AUDIT_OPERATIONS,
]
