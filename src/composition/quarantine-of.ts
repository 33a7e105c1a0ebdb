import { quarantineDesk } from '../desks/quarantine/quarantine-desk.ts'
import { CodedError } from '../ground/errors.ts'
import type { BeginBulkDeps } from '../work/quarantine/bulk/begin-bulk.ts'
import { type WorkOnBulksDeps, workOnBulks } from '../work/quarantine/bulk/work-on-bulks.ts'
import type { workOf } from './work-of.ts'

/** The quarantine's desk, and the work in the background that it begins. */
export function quarantineOf({ makeDeps, releaseDeps }: ReturnType<typeof workOf>) {
  const deps = { ...makeDeps, ...releaseDeps } satisfies WorkOnBulksDeps
  return {
    desk: quarantineDesk({ ...deps, listHeld: NO_LIST }),
    workOnBulks: (signal: AbortSignal): Promise<boolean> => workOnBulks(deps, signal),
  }
}

const NO_LIST: BeginBulkDeps['listHeld'] = async () => {
  throw new CodedError('REQUEST_INVALID', 'There is no list to search yet.')
}
