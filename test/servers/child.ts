import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A server in a process group of its own, with what it has said lately. */
export interface Child {
  readonly pid: number
  /** The exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>
  /** The last 64 kB of what it wrote to stdout and stderr. */
  output(): string
  /** Rejects when the process ends before `ready` does; the error holds its output. */
  whileAlive<T>(ready: Promise<T>): Promise<T>
  /** SIGTERM, and SIGKILL for the whole group when that has not helped within ten seconds. */
  stop(): Promise<void>
  /** As a power failure would. */
  kill(): Promise<void>
}

export function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-65_536)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  const ended = once(child, 'exit').catch((error: unknown) => [error])
  const killWithUs = () => signal(child, 'SIGKILL')
  process.on('exit', killWithUs)
  void ended.then(() => process.off('exit', killWithUs))
  return {
    pid: child.pid ?? 0,
    ended: ended.then(([status]) => (typeof status === 'number' ? status : null)),
    output: () => said,
    whileAlive: ready =>
      Promise.race([
        ready,
        ended.then(([status]) => {
          throw new Error(`${command} ended too early (${String(status)}):\n${said}`)
        }),
      ]),
    stop: async () => {
      if (!isRunning(child)) return
      child.kill('SIGTERM')
      const impatience = setTimeout(() => signal(child, 'SIGKILL'), 10_000)
      await ended
      clearTimeout(impatience)
      signal(child, 'SIGKILL')
    },
    kill: async () => {
      signal(child, 'SIGKILL')
      await ended
    },
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** To the whole group: amavisd's children outlive it for a moment otherwise. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group is gone already.
  }
}
