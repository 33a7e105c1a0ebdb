import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { standStill } from './stand-still.ts'

/** A server in its own process group, with its recent output. */
export interface Child {
  readonly pid: number
  /** Resolves to the exit status, or to null if a signal ended it. */
  readonly ended: Promise<number | null>
  /** The last 64 kB of its stdout and stderr. */
  output(): string
  /** Waits for `ready`; rejects with the output if the process ends before that. */
  whileAlive<T>(ready: Promise<T>): Promise<T>
  /** Sends SIGTERM, and after ten seconds SIGKILL to the whole group. */
  stop(): Promise<void>
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Stands still until what is returned is disposed of. */
  freeze(): Disposable
}

export function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-65_536)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const ended = once(child, 'exit').catch((error: unknown) => [error])
  const killWithUs = () => signal(child, 'SIGKILL')
  process.on('exit', killWithUs)
  void ended.then(() => process.off('exit', killWithUs))
  return {
    pid: child.pid ?? 0,
    ended: ended.then(([status]) => (typeof status === 'number' ? status : null)),
    output: () => output,
    whileAlive: ready =>
      Promise.race([
        ready,
        ended.then(([status]) => {
          throw new Error(`${command} ended too early (${String(status)}):\n${output}`)
        }),
      ]),
    stop: async () => {
      if (!isRunning(child)) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => signal(child, 'SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
      signal(child, 'SIGKILL')
    },
    kill: async () => {
      signal(child, 'SIGKILL')
      await ended
    },
    freeze: () => {
      if (child.pid !== undefined) standStill(child.pid)
      return { [Symbol.dispose]: () => void child.kill('SIGCONT') }
    },
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** Signals the whole group, because amavisd's children would outlive it for a moment. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group has already ended.
  }
}
