import { getClicks } from './clicks-operation.ts'
import { getOverview } from './overview-operation.ts'
import { getStatus } from './status-operation.ts'

/** The operations that return figures. */
export const FIGURE_OPERATIONS = [getOverview, getStatus, getClicks]
