import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Step } from '../../src/ground/steps.ts'
import type { Child } from '../servers/child.ts'
import { freePort, isListening } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'
import type { ChaosWorld } from './world.ts'

/** Where a process dies: the `count`th time that it passes this step. */
export interface CrashPoint {
  readonly step: Step
  readonly count: number
}

/** A long-running process of the program. It is restarted whenever it dies, as an init system would do. */
export interface Member {
  readonly name: string
  /** The base URL of its HTTP server. */
  readonly url: string
  pid(): number
  /** kill -9. The process that replaces it dies at the crash point, if one is given. */
  kill(how: string, crash?: CrashPoint): Promise<void>
  /** Waits until it answers. */
  ready(): Promise<void>
  /** SIGTERM, for good. @returns the exit status */
  stop(): Promise<number | null>
}

export async function startMember(
  world: ChaosWorld,
  name: string,
  command: 'serve' | 'worker',
): Promise<Member> {
  const port = await freePort()
  let child: Child
  let crash: CrashPoint | undefined
  let isWanted = true
  const start = () => {
    const environment = { ...LISTENS[command](port), ...crashAt(world, crash) }
    crash = undefined
    child = world.program.spawnIn({ nodeOptions: PRELOADED, environment }, command)
    const { pid, ended, output } = child
    void ended.then(status => {
      if (!isWanted) return
      if (world.wasKilled(pid)) return start()
      world.log(`${name} (${pid}) ended by itself with ${status}`)
      world.ledger.ends.push({ at: Date.now(), name, pid, status, log: output().slice(-4_000) })
      setTimeout(() => isWanted && start(), RESTART_AFTER)
    })
  }
  start()
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: () => child.pid,
    kill: async (how, next) => {
      crash = next
      world.killed(child.pid, how)
      await child.kill()
    },
    ready: async () => {
      await waitUntil(`${name} to answer`, () => isListening(port), { timeout: 30_000 })
    },
    stop: async () => {
      isWanted = false
      await child.stop()
      return child.ended
    },
  }
}

/** Processes share a configuration, so each gets its own port from the environment. */
const LISTENS = {
  serve: (port: number) => ({ AMAVIS_DIGEST_HTTP_PORT: String(port) }),
  worker: (port: number) => ({ AMAVIS_DIGEST_WORKER_PORT: String(port) }),
}

/** One `run` command, from its start to its end or its death. */
export interface RunProcess {
  readonly pid: number
  kill(how: string): Promise<void>
  readonly result: Promise<RunResult | undefined>
}

export interface RunResult {
  readonly digests: number
  readonly sent: number
  readonly failed: number
}

export function startRun(world: ChaosWorld, crash?: CrashPoint): RunProcess {
  const surroundings = { nodeOptions: PRELOADED, environment: crashAt(world, crash) }
  const child = world.program.spawnIn(surroundings, 'run', '--json')
  return {
    pid: child.pid,
    kill: async how => {
      world.killed(child.pid, how)
      await child.kill()
    },
    result: child.ended.then(status => resultOf(world, child, status)),
  }
}

/** While something is away, a run may fail with status 1. It must not end in any other way. */
function resultOf(world: ChaosWorld, child: Child, status: number | null): RunResult | undefined {
  const [json] = /^\{"digests".*\}$/m.exec(child.output()) ?? []
  if (json) return JSON.parse(json)
  if (status !== 1 && !world.wasKilled(child.pid)) {
    world.ledger.ends.push({ at: Date.now(), name: 'run', pid: child.pid, status, log: child.output() })
  }
  return undefined
}

/** From the bundle, if there is one: stripping the types takes 0.04 s of a processor, each time. */
const PRELOADED = [
  '--import',
  process.env.PROGRAM_FOR_TESTS
    ? pathToFileURL(join(dirname(process.env.PROGRAM_FOR_TESTS), 'crash-point.js')).href
    : new URL('crash-point.ts', import.meta.url).href,
]

/** Milliseconds before a restart, as an init system waits. */
const RESTART_AFTER = 500

const crashAt = (world: ChaosWorld, crash: CrashPoint | undefined): Record<string, string> =>
  crash ? { CHAOS_DEATHS: world.deathsFile, CHAOS_CRASH: `${crash.step}:${crash.count}` } : {}
