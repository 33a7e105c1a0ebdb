import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY } from '../../src/ground/durations.ts'
import { compile } from '../../src/work/digest/make/compile.ts'
import { pendingReaders } from '../../src/work/digest/make/pending-readers.ts'
import { settingsOf } from '../../src/work/settings/read-settings.ts'
import { STANDARD_POLICIES } from '../../test/standard-policies.ts'
import { duration } from '../measure.ts'
import type { Result } from '../table.ts'
import type { World } from '../world.ts'
import { collectNow } from './collecting.ts'

/** Making digests for 500 readers in one transaction, compared with one transaction per reader. */
export async function* measureCompiling(world: World): AsyncGenerator<Result> {
  await world.reset()
  await collectNow(world)
  const single = new Tally()
  const batches = new Tally()
  for await (const readers of pendingReaders(world.state)) {
    if (single.digests > 0) await compileCounted(world, readers, batches)
    else for (const reader of readers) await compileCounted(world, [reader], single)
  }
  yield {
    what: `compile ${batches.digests} digests, each`,
    ours: duration(batches.milliseconds / batches.digests),
    ratio: single.milliseconds / single.digests / (batches.milliseconds / batches.digests),
    otherwise: 'one reader at a time',
  }
  const per500 = (tally: Tally) => (tally.statements / tally.digests) * 500
  yield {
    what: 'statements for 500 digests',
    ours: per500(batches).toFixed(0),
    ratio: per500(single) / per500(batches),
    otherwise: 'one reader at a time',
  }
}

class Tally {
  digests = 0
  statements = 0
  milliseconds = 0
}

async function compileCounted(world: World, readers: readonly string[], tally: Tally): Promise<void> {
  const countStatements = () => world.state.statements.length + world.storage.statements.length
  const before = { statements: countStatements(), time: performance.now() }
  const settings = await settingsOf(world.state, readers, { language: 'en', timeZone: 'UTC' })
  const deps = {
    storage: world.storage.sql,
    state: world.state,
    directory: addresses(''),
    policies: STANDARD_POLICIES,
    retention: retentionOf(MONTH),
    lifetime: 14 * DAY,
  }
  const made = await compile(deps, 'bench', settings, world.now)
  tally.digests += made.digests
  tally.statements += countStatements() - before.statements
  tally.milliseconds += performance.now() - before.time
}

const MONTH = 30 * DAY
