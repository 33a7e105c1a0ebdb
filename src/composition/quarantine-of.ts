import { quarantineDesk } from '../desks/quarantine/quarantine-desk.ts'
import type { Config } from '../ground/config/schema.ts'
import { CodedError } from '../ground/errors.ts'
import type { BeginBulkDeps } from '../work/quarantine/bulk/begin-bulk.ts'
import { type WorkOnBulksDeps, workOnBulks } from '../work/quarantine/bulk/work-on-bulks.ts'
import { readingOf } from './reading-of.ts'
import type { workOf } from './work-of.ts'

/** The quarantine's desk, and the work in the background that it begins. */
export function quarantineOf(
  config: Config,
  { makeDeps, releaseDeps }: ReturnType<typeof workOf>,
  stack: AsyncDisposableStack,
) {
  const reading = readingOf(config)
  stack.use(reading.messages)
  const deps = { ...makeDeps, ...releaseDeps, ...reading } satisfies WorkOnBulksDeps
  return {
    desk: quarantineDesk({ ...deps, listHeld: NO_LIST }),
    workOnBulks: (signal: AbortSignal): Promise<boolean> => workOnBulks(deps, signal),
  }
}

const NO_LIST: BeginBulkDeps['listHeld'] = async () => {
  throw new CodedError('REQUEST_INVALID', 'There is no list to search yet.')
}
