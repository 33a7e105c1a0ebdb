import type { ApiKeys } from '../desks/admin/api-keys/api-keys.ts'
import { learningDesk } from '../desks/learning/learning-desk.ts'
import { quarantineDesk } from '../desks/quarantine/quarantine-desk.ts'
import type { Config } from '../ground/config/schema.ts'
import { workOnBulks } from '../work/quarantine/bulk/work-on-bulks.ts'
import { teacherOf } from './learning/teacher-of.ts'
import { readingOf } from './reading-of.ts'
import { viewerNowOf } from './viewer-now.ts'
import type { workOf } from './work-of.ts'

/** The quarantine's desk, and the work in the background that it begins. */
export function quarantineOf(
  config: Config,
  { makeDeps, releaseDeps }: ReturnType<typeof workOf>,
  keys: ApiKeys,
  stack: AsyncDisposableStack,
) {
  const reading = readingOf(config)
  stack.use(reading.messages)
  const deps = { ...makeDeps, ...releaseDeps, ...reading, viewerNow: viewerNowOf(config, keys) }
  return {
    desk: quarantineDesk(deps),
    learning: learningDesk({ ...deps, teacher: teacherOf(config) }),
    workOnBulks: (signal: AbortSignal): Promise<boolean> => workOnBulks(deps, signal),
  }
}
