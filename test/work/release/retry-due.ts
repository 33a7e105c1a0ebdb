import { dueReleaseIds } from '../../../src/work/release/claims.ts'
import type { ReleaseDeps } from '../../../src/work/release/release-message.ts'
import { endOrphans, retryRelease } from '../../../src/work/release/retry-releases.ts'

/** Does what the service does once a second, with a queue that loses nothing. @returns how many were attempted */
export async function retryDue(deps: ReleaseDeps): Promise<number> {
  await endOrphans(deps)
  const due = await dueReleaseIds(deps.state, deps.clock(), 100)
  const asked = await Promise.all(due.map(itemId => retryRelease(deps, itemId)))
  return asked.filter(Boolean).length
}
