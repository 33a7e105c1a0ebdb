import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { DAY, HOUR, SECOND } from '../../src/ground/durations.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { run } from '../../src/work/digest/make/run.ts'
import { listSchedules } from '../../src/work/schedules/schedules.ts'
import { openSpied } from '../../test/servers/spied-database.ts'
import { STANDARD_POLICIES } from '../../test/standard-policies.ts'
import { COLLECTING } from '../collecting-settings.ts'
import { type BenchCase, figure } from '../figures.ts'
import { fillManyReaders } from '../many-readers.ts'
import { startDatabase } from '../servers.ts'

/** What making digests costs: statements, from finding the readers to the end of the transaction, and CPU time. */
export const claiming: BenchCase = {
  name: 'claiming',
  title: 'Claiming the pending items of readers',
  async *measure({ quick, rounds, seed }) {
    const made = []
    for (let round = 0; round < rounds; round += 1) made.push(await makeAll(quick ? 5_000 : 50_000, seed))
    yield figure(
      'SQL statements for 500 digests',
      '',
      made.map(({ statements, digests }) => (statements / digests) * 500),
      { of: 'ours', atMost: 6 },
    )
    yield figure(
      'CPU for each',
      'ms',
      made.map(({ cpu, digests }) => cpu / digests),
    )
  },
}

async function makeAll(readers: number, seed: number) {
  await using stack = new AsyncDisposableStack()
  const database = await startDatabase(stack)
  await fillManyReaders(database, { readers, seed, now: Date.now() })
  await using storage = openSpied<AmavisTables>(database.url)
  await using state = openSpied<StateTables>(database.url)
  const retention = retentionOf(30 * DAY)
  const standard = { language: 'en', timeZone: 'UTC' }
  const deps = {
    storage: storage.sql,
    state,
    ...COLLECTING,
    placing: { source: 'addresses', every: HOUR },
    policies: STANDARD_POLICIES,
    retention,
    lifetime: 14 * DAY,
    standard,
    schedules: () => listSchedules(state),
    clock: Date.now,
    expiringSoon: 3 * DAY,
    giveUpDigestsAfter: DAY,
    owner: 'bench',
    lease: 30 * SECOND,
  } as const
  const before = process.cpuUsage()
  const count = () => storage.statements.length + state.statements.length
  let collected = 0
  const onBegin = () => {
    collected = count()
  }
  const request = { schedule: undefined, readers: undefined, dueAt: Date.now(), onBegin }
  const { digests } = await run(deps, request)
  const { user, system } = process.cpuUsage(before)
  const statements = count() - collected
  return { digests, statements, cpu: (user + system) / 1000 }
}
