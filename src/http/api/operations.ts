import type { Operation } from './operation.ts'
import { SCHEDULE_OPERATIONS } from './schedules.ts'

/** All that the API does. The router and the OpenAPI document are made from this. */
export const OPERATIONS: readonly Operation[] = [...SCHEDULE_OPERATIONS]
