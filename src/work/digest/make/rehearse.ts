import { collect } from '../../collect/collect.ts'
import { placeAnew } from '../../collect/place-anew.ts'
import { type Compiled, type PlannedDigest, planDigests } from './compile.ts'
import { planEmptyDigests } from './empty-digests.ts'
import type { RunDeps, RunRequest } from './run.ts'
import { knownBatches, readPlan, waitingBatches } from './run-batches.ts'

/** Reports what `run` would make now. Collects, places waiting items anew, and changes nothing else. */
export async function rehearse(
  deps: RunDeps,
  request: RunRequest,
  onDigest: (digest: PlannedDigest) => void = () => undefined,
): Promise<Compiled> {
  let [digests, items] = [0, 0]
  for await (const batch of plannedDigests(deps, request)) {
    digests += batch.length
    items += batch.reduce((sum, { messages }) => sum + messages, 0)
    batch.forEach(onDigest)
  }
  return { digests, items }
}

/** The digests that `run` would make now, a batch of readers at a time. */
async function* plannedDigests(deps: RunDeps, request: RunRequest): AsyncGenerator<readonly PlannedDigest[]> {
  await collect(deps, deps.clock())
  await placeAnew(deps)
  const plan = await readPlan(deps, request)
  for await (const batch of waitingBatches(deps, plan)) {
    yield await planDigests(deps, batch, deps.clock(), plan.terms)
  }
  if (!plan.tellsWhenEmpty) return
  const planned = new Set<string>()
  for await (const batch of knownBatches(deps, plan)) {
    const remaining = new Map([...batch].filter(([reader]) => !planned.has(reader)))
    const digests = await planEmptyDigests(deps, request.dueAt, remaining, deps.clock())
    for (const { reader } of digests) planned.add(reader)
    yield digests
  }
}
