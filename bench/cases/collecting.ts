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
import { unnoticed } from '../../src/work/collect/pace.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { writeArriving } from '../arriving-mail.ts'
import { COLLECTING } from '../collecting-settings.ts'
import { type BenchCase, comparison, type Figure, figure, inTurns } from '../figures.ts'
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
    yield figure(`${(readers * messages).toLocaleString('en')} held mails`, 'mails/s', speeds, {
      of: 'ours',
      atLeast: 1000,
    })
    yield await besideAmavisd(database, deps, { ...(quick ? QUICK : FULL), readers }, rounds)
  },
}

/** How much comes in while amavisd's statements are timed. */
interface Arriving {
  /** Held mails a second, all told. */
  readonly rate: number
  readonly readers: number
  /** For how long it has come in before, in seconds. */
  readonly before: number
  /** For how long each is timed, in seconds. */
  readonly seconds: number
  /** As `collect.every`, in seconds: the same work in all, in smaller parts than those of a minute. */
  readonly every: number
}

const FULL = { rate: 1000, before: COLLECTING.overlap / SECOND, seconds: 30, every: 10 }
const QUICK = { rate: 300, before: 30, seconds: 2, every: 1 }

/**
 * amavisd's statements while `serve` collects at its own pace, and while nobody does. Both times the same mail comes
 * in: most of it is written by two statements a second, and `RATE` mails a second as amavisd writes them.
 */
async function besideAmavisd(
  database: MariaDbStorage,
  deps: CollectDeps,
  arriving: Arriving,
  rounds: number,
): Promise<Figure> {
  const { rate, readers, before, every } = arriving
  await writeArriving(database, { from: secondsNow() - before, seconds: before, rate, readers })
  await collect(deps, Date.now())
  const { ours, alone } = await inTurns(rounds, {
    ours: async () => {
      await collect(deps, Date.now())
      return inserting(database, arriving, signal =>
        again(every * SECOND, signal, () => collect(deps, Date.now(), unnoticed(signal))),
      )
    },
    alone: () => inserting(database, arriving, async () => {}),
  })
  return comparison(
    `${rate.toLocaleString('en')} mails/s arrive: amavisd writes one, p99`,
    'ms',
    ours.map(({ p99 }) => p99),
    { what: 'without collecting', values: alone.map(({ p99 }) => p99) },
    { of: 'ratio', atMost: 1.25 },
  )
}

const secondsNow = (): number => Math.floor(Date.now() / SECOND)

/** What a busy site's amavisd processes write together. Each mail takes six statements and three transactions. */
const RATE = 200

interface Inserted {
  readonly mails: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

async function inserting(
  database: MariaDbStorage,
  { rate, readers, seconds }: Arriving,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<Inserted> {
  const stop = new AbortController()
  const others = { seconds: 1, rate: rate - RATE, readers }
  const timed = promisify(execFile)(process.execPath, [INSERTING, database.url, `${RATE}`, `${seconds}`])
  const beside = [
    again(SECOND, stop.signal, () => writeArriving(database, { ...others, from: secondsNow() })),
    work(stop.signal),
  ]
  const [{ stdout }] = await Promise.all([timed.finally(() => stop.abort()), ...beside])
  return JSON.parse(stdout) as Inserted
}

const INSERTING = fileURLToPath(new URL('../processes/insert-mail.ts', import.meta.url))

/** Does the work whenever so many milliseconds have passed. */
async function again(every: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  for (let next = Date.now(); !signal.aborted; next += every) {
    await wait(Math.max(0, next - Date.now()), undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) await work()
  }
}

function depsOf({ url }: MariaDbStorage, stack: AsyncDisposableStack): CollectDeps {
  return {
    storage: stack.use(connect<AmavisTables>('storage', url)).sql,
    state: stack.use(connect<StateTables>('state', url)),
    ...COLLECTING,
  }
}
