import { setTimeout as wait } from 'node:timers/promises'
import { waitUntil } from '../servers/wait.ts'
import type { BreakableServer } from './databases.ts'
import type { Fault, ServerName } from './faults.ts'
import type { CrashPoint, Member, RunProcess } from './processes.ts'
import type { ChaosWorld } from './world.ts'

/** The targets of faults. */
export interface Victims {
  readonly world: ChaosWorld
  readonly members: readonly Member[]
  readonly runs: Runs
}

/** The `run` commands, one after the other. */
export interface Runs {
  /** Starts the next run and returns it. It dies at the crash point, if one is given. */
  next(crash?: CrashPoint): Promise<RunProcess>
  stop(): Promise<void>
}

/** Breaks something, and returns when it works again. */
export async function inflict(fault: Fault, { world, members, runs }: Victims): Promise<void> {
  const memberOf = ({ member }: { readonly member: number }) => {
    const found = members[member]
    if (!found) throw new Error(`there is no member ${member}`)
    return found
  }
  switch (fault.kind) {
    case 'kill':
      return memberOf(fault).kill('kill')
    case 'kill-run':
      return killRun(await runs.next(), fault.after)
    case 'crash': {
      const member = memberOf(fault)
      await member.kill('kill', fault)
      const pid = await newPid(member)
      return waitForDeath(world, pid)
    }
    case 'crash-run':
      return crashRun(world, runs, fault)
    case 'trap':
      return trap(world, fault.stage)
    case 'restart':
      return restart(world, fault.server, fault.by, fault.away)
    case 'refuse-writes': {
      using _away = world.disturb('database', 'refuse-writes')
      await using _refused = await world.database.refuseWrites()
      await wait(fault.for)
      return
    }
    case 'break-connections': {
      using _broken = world.disturb('database', 'break-connections')
      return world.database.server?.breakConnections()
    }
    case 'empty-redis': {
      using _away = world.disturb('redis', 'empty')
      await world.redis?.kill()
      return world.redis?.start({ empty: true })
    }
    case 'defer': {
      using _away = world.disturb(fault.sink, 'defer')
      world[fault.sink].answerData('451 4.3.0 Try again later')
      await wait(fault.for)
      return world[fault.sink].recover()
    }
    case 'cut-answers': {
      using _away = world.disturb('digests', 'cut-answers')
      world.digests.loseAnswers()
      await wait(fault.for)
      return world.digests.recover()
    }
  }
}

/**
 * A run that has nothing to do, or finds a server away, does not reach the step. Further runs are started until one
 * does.
 */
async function crashRun(world: ChaosWorld, runs: Runs, crash: CrashPoint): Promise<void> {
  const deadline = Date.now() + LONGEST_LIFE
  do {
    const run = await runs.next(crash)
    await run.result
    if (world.wasKilled(run.pid)) return
  } while (Date.now() < deadline)
}

async function killRun(run: RunProcess, after: number): Promise<void> {
  const late = wait(after).then(() => 'late' as const)
  const first = await Promise.race([late, run.result])
  if (first === 'late') await run.kill('kill')
}

async function newPid(member: Member): Promise<number> {
  await member.ready()
  return member.pid()
}

/** If the process does not reach its step in time, the crash point stays set until the process is killed otherwise. */
const waitForDeath = (world: ChaosWorld, pid: number): Promise<void> =>
  waitUntil('a death', () => world.wasKilled(pid), { timeout: LONGEST_LIFE }).then(
    () => undefined,
    () => world.log(`process ${pid} is still alive`),
  )

const LONGEST_LIFE = 15_000

async function trap(world: ChaosWorld, stage: 'data' | 'accepted'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  world.trap = { stage, sprung: () => resolve() }
  await Promise.race([promise, wait(LONGEST_LIFE)])
  world.trap = undefined
}

async function restart(
  world: ChaosWorld,
  name: ServerName,
  by: 'stop' | 'kill',
  away: number,
): Promise<void> {
  const server = serverOf(world, name)
  using _away = world.disturb(name, by)
  await server[by]()
  await wait(away)
  await startWithRetries(server)
}

function serverOf(world: ChaosWorld, name: ServerName): BreakableServer {
  switch (name) {
    case 'database':
      return required(world.database.server)
    case 'redis':
      return required(world.redis)
    case 'amavisd':
      return world.amavisd
    case 'digests':
    case 'mta':
      return { ...world[name], kill: world[name].stop }
  }
}

function required<Server>(server: Server | undefined): Server {
  if (!server) throw new Error('there is no such server in this world')
  return server
}

/** Tries several times, because a port may still be in use for a moment. */
async function startWithRetries(server: BreakableServer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await server.start()
    } catch (error) {
      if (attempt === 5) throw error
      await wait(500)
    }
  }
}
