import { collect } from '../../collect/collect.ts'
import { type Compiled, type PlannedDigest, planDigests } from './compile.ts'
import { planEmptyDigests } from './empty-digests.ts'
import type { RunDeps, RunRequest } from './run.ts'
import { knownBatches, readPlan, waitingBatches } from './run-batches.ts'

/** What `run` would make now. Collects, and changes nothing else. */
export async function rehearse(
  deps: RunDeps,
  request: RunRequest,
  onDigest: (digest: PlannedDigest) => void = () => undefined,
): Promise<Compiled> {
  let [digests, items] = [0, 0]
  for await (const some of plannedDigests(deps, request)) {
    digests += some.length
    items += some.reduce((sum, { messages }) => sum + messages, 0)
    some.forEach(onDigest)
  }
  return { digests, items }
}

/** The digests that `run` would make now, a batch of readers at a time. Collects, and changes nothing else. */
async function* plannedDigests(deps: RunDeps, request: RunRequest): AsyncGenerator<readonly PlannedDigest[]> {
  await collect(deps, deps.clock())
  const plan = await readPlan(deps, request)
  for await (const batch of waitingBatches(deps, plan)) {
    yield await planDigests(deps, batch, deps.clock(), plan.terms)
  }
  if (!plan.tellsWhenEmpty) return
  const told = new Set<string>()
  for await (const batch of knownBatches(deps, plan)) {
    const fresh = new Map([...batch].filter(([reader]) => !told.has(reader)))
    const digests = await planEmptyDigests(deps, request.dueAt, fresh, deps.clock())
    for (const { reader } of digests) told.add(reader)
    yield digests
  }
}
