import { setTimeout as wait } from 'node:timers/promises'
import { type ClickHabits, type MailPace, startClicks, startMail } from './actors.ts'
import type { DatabaseKind } from './databases.ts'
import type { Violation } from './evidence.ts'
import { type Breakable, drawDeath, drawOutage, type Fault, type ServerName, wordsOf } from './faults.ts'
import { inflict, type Runs, type Victims } from './inflict.ts'
import { violationsOf } from './invariants.ts'
import { type CrashPoint, type Member, type RunProcess, startMember, startRun } from './processes.ts'
import { type Random, seededRandom } from './random.ts'
import { type Figures, figuresOf } from './report.ts'
import { settle } from './settle.ts'
import { readTables } from './tables.ts'
import { type ChaosWorld, startChaosWorld } from './world.ts'

export interface CampaignOptions extends MailPace {
  readonly database: DatabaseKind
  readonly seed: number
  readonly queue: 'in-process' | 'redis'
  /** `serve` processes. */
  readonly processes: number
  /** `worker` processes, which need Redis. */
  readonly workers: number
  /** Milliseconds between two `run` commands, which deliver what they make. */
  readonly runEvery: number
  /** What breaks: lists of faults that run side by side, each in its order; or random faults for a while. */
  readonly faults: readonly (readonly Fault[])[] | { readonly milliseconds: number }
  readonly clicks: ClickHabits
  /** Milliseconds for which mail comes and readers click, even if nothing is left to break. */
  readonly atLeast?: number
  readonly log: (line: string) => void
}

export interface CampaignResult {
  readonly violations: readonly Violation[]
  readonly figures: Figures
}

/**
 * Lets mail come, digests go out and readers click while things break. Then waits until everything has settled, and
 * checks the result.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const begun = Date.now()
  const log = (line: string) =>
    options.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}`)
  await using world = await startChaosWorld({ ...options, log })
  const services = await start(world, 'serve', options.processes)
  const members = [...services, ...(await start(world, 'worker', options.workers))]
  await Promise.all(members.map(member => member.ready()))
  const mail = startMail(world, seededRandom(options.seed + MAIL), options)
  const clicks = startClicks(world, seededRandom(options.seed + CLICKS), services, options.clicks)
  const runs = startRuns(world, options.runEvery)
  log('everything runs')

  const broken = await breakThings(options, { world, members, runs })
  log('nothing breaks any more')
  await wait(Math.max(0, begun + (options.atLeast ?? 0) - Date.now()))
  await Promise.all([mail.stop(), clicks.stop(), runs.stop()])
  const { leases, settledAt, violations } = await settle(world, members, options.workers > 0)
  log('settled')
  const tables = await readTables(world, leases)
  const evidence = { ledger: world.ledger, tables, limits: world.limits, settledAt }
  return {
    violations: [...broken, ...violations, ...violationsOf(evidence)],
    figures: figuresOf(evidence, Date.now() - begun),
  }
}

/** Added to the seed, so that one random sequence does not depend on how far another one has got. */
const MAIL = 1
const CLICKS = 2
const DEATHS = 3
const OUTAGES = 4

/** @returns the faults that could not be inflicted or repaired: without them the campaign proves less than it should */
async function breakThings(
  { faults, seed, processes, log }: CampaignOptions,
  victims: Victims,
): Promise<Violation[]> {
  const failed: Violation[] = []
  const breakOne = async (fault: Fault) => {
    victims.world.log(wordsOf(fault))
    await inflict(fault, victims).catch((error: unknown) => {
      log(String(error))
      failed.push({ rule: 'fault failed', about: `${wordsOf(fault)}: ${error}` })
    })
  }
  if ('milliseconds' in faults) {
    const until = Date.now() + faults.milliseconds
    const breakable = breakableOf(victims, processes)
    await Promise.all([
      lane(until, seededRandom(seed + DEATHS), random => breakOne(drawDeath(random, breakable))),
      lane(until, seededRandom(seed + OUTAGES), random => breakOne(drawOutage(random, breakable))),
    ])
  } else {
    await Promise.all(
      faults.map(async list => {
        for (const fault of list) await breakOne(fault)
      }),
    )
  }
  return failed
}

function breakableOf({ world, members }: Victims, services: number): Breakable {
  const database: ServerName[] = world.database.server ? ['database'] : []
  const redis: ServerName[] = world.redis ? ['redis'] : []
  const servers = ['amavisd', 'digests', 'mta', ...database, ...redis] as const
  return { members: members.length, services, servers }
}

const start = (world: ChaosWorld, command: 'serve' | 'worker', count: number): Promise<Member[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => startMember(world, `${command}-${index + 1}`, command)),
  )

async function lane(until: number, random: Random, next: (random: Random) => Promise<void>): Promise<void> {
  while (Date.now() < until) {
    await wait(random.between(0, 2_000))
    await next(random)
  }
}

/** Starts one `run` command after the other, `every` milliseconds after the last has ended or at once on request. */
function startRuns(world: ChaosWorld, every: number): Runs {
  const waiting: { readonly crash: CrashPoint | undefined; readonly started: (run: RunProcess) => void }[] =
    []
  let isWanted = true
  const loop = async () => {
    let last = performance.now()
    while (isWanted || waiting.length > 0) {
      const request = waiting.shift()
      if (!request && performance.now() - last < every) {
        await wait(50)
        continue
      }
      const run = startRun(world, request?.crash)
      request?.started(run)
      await run.result
      last = performance.now()
    }
  }
  const ended = loop()
  return {
    next: crash => new Promise(started => waiting.push({ crash, started })),
    stop: () => {
      isWanted = false
      return ended
    },
  }
}
