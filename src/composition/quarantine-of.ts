import { quarantineDesk } from '../desks/quarantine/quarantine-desk.ts'
import { workOnBulks } from '../work/quarantine/bulk/work-on-bulks.ts'
import type { workOf } from './work-of.ts'

/** The quarantine's desk, and the work in the background that it begins. */
export function quarantineOf({ makeDeps, releaseDeps }: ReturnType<typeof workOf>) {
  const deps = { ...makeDeps, ...releaseDeps }
  return {
    desk: quarantineDesk(deps),
    workOnBulks: (signal: AbortSignal): Promise<boolean> => workOnBulks(deps, signal),
  }
}
