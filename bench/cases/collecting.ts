import { execFile } from 'node:child_process'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { SECOND } from '../../src/ground/durations.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { type CollectDeps, collect } from '../../src/work/collect/collect.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { COLLECTING } from '../collecting-settings.ts'
import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { fillEvenly } from '../fill-evenly.ts'
import { startDatabase } from '../servers.ts'

/** How much held mail collecting takes in, and what amavisd notices of it. */
export const collecting: BenchCase = {
  name: 'collecting',
  title: 'Collecting held mail',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    const database = await startDatabase(stack)
    const [readers, messages] = quick ? [4_000, 5] : [20_000, 10]
    await fillEvenly(database, { readers, messages })
    const deps = depsOf(database, stack)
    const took: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await database.query('TRUNCATE digest_item')
      await database.query('DELETE FROM digest_watermark')
      const begun = performance.now()
      const added = await collect(deps, Date.now())
      if (added !== readers * messages) throw new Error(`${added} items instead of ${readers * messages}`)
      took.push(performance.now() - begun)
    }
    const speeds = took.map(time => (readers * messages * SECOND) / time)
    yield figure(`${readers * messages} held mails`, 'mails/s', speeds, { of: 'ours', atLeast: 1000 })
    const { ours, alone } = await inTurns(rounds, {
      ours: () =>
        insertingBeside(
          database,
          quick ? 3 : 10,
          every(SECOND, () => collect(deps, Date.now())),
        ),
      alone: () => insertingBeside(database, quick ? 3 : 10, async () => {}),
    })
    yield comparison(
      `amavisd writes ${RATE} mails/s, p99 of one`,
      'ms',
      ours.map(({ p99 }) => p99),
      { what: 'without collecting', values: alone.map(({ p99 }) => p99) },
      { of: 'ratio', atMost: 1.25 },
    )
  },
}

/** What a busy site's amavisd processes write together. Each mail takes six statements and three transactions. */
const RATE = 200

interface Inserted {
  readonly mails: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

async function insertingBeside(
  { url }: MariaDbStorage,
  seconds: number,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<Inserted> {
  const stop = new AbortController()
  const beside = work(stop.signal)
  const { stdout } = await promisify(execFile)(process.execPath, [INSERTING, url, `${RATE}`, `${seconds}`])
  stop.abort()
  await beside
  return JSON.parse(stdout) as Inserted
}

const INSERTING = fileURLToPath(new URL('../processes/insert-mail.ts', import.meta.url))

/** Far more often than the program does, which collects once a minute. */
const every =
  (pause: number, work: () => Promise<unknown>) =>
  async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await work()
      await wait(pause, undefined, { signal }).catch(() => undefined)
    }
  }

function depsOf({ url }: MariaDbStorage, stack: AsyncDisposableStack): CollectDeps {
  return {
    storage: stack.use(connect<AmavisTables>('storage', url)).sql,
    state: stack.use(connect<StateTables>('state', url)),
    ...COLLECTING,
  }
}
