import type { Operation } from '../../protocol/operation.ts'
import { HELD_ACT_OPERATIONS } from './held-act-operations.ts'
import { HELD_BULK_OPERATIONS } from './held-bulk-operations.ts'
import { listHeld } from './held-list-operation.ts'
import { HELD_MESSAGE_OPERATIONS } from './held-message-operations.ts'
import { summariseHeld } from './held-summary-operation.ts'

/** The operations on held mail. */
export const HELD_OPERATIONS: readonly Operation[] = [
  listHeld,
  summariseHeld,
  ...HELD_BULK_OPERATIONS,
  ...HELD_MESSAGE_OPERATIONS,
  ...HELD_ACT_OPERATIONS,
]
