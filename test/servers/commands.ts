import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CLI } from './cli-file.ts'

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** What the process of commands is asked for. */
export interface Wanted {
  readonly number: number
  readonly args: readonly string[]
}

/** What it answers, after it has written `\0number\0` to stdout and stderr. */
export interface Ended {
  readonly number: number
  readonly status: number
}

/**
 * Runs a command of the program to its end. Starting a process and loading the program takes half a second of a
 * processor. So commands share one that has loaded it. One that is called while another runs has a process of its own,
 * and so have those that go on, or that end their process themselves.
 */
export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const [name = ''] = args
  if (isBusy || ALONE.has(name)) return runAlone(args, env)
  return runInShared(args, env)
}

const ALONE: ReadonlySet<string> = new Set(['serve', 'worker', 'demo', 'doctor'])

/** Milliseconds for one command. */
const PATIENCE = 50_000

function runAlone(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const options = { env, maxBuffer: 16_000_000, timeout: PATIENCE }
  execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
    const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0
    resolve({ status, stdout, stderr })
  })
  return promise
}

let shared: ChildProcess | undefined
let isBusy = false
let count = 0

async function runInShared(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  isBusy = true
  const child = isRunning(shared) ? shared : startShared(env)
  shared = child
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  hold(child, true)
  try {
    return await runIn(child, { number: ++count, args })
  } finally {
    clearTimeout(timer)
    hold(child, false)
    isBusy = false
  }
}

const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null

function startShared(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [PROCESS, CLI], { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] })
  const kill = () => void child.kill('SIGKILL')
  process.on('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

const PROCESS = fileURLToPath(new URL('command-process.ts', import.meta.url))

/** Only a command at work keeps the process of the tests from ending. */
function hold(child: ChildProcess, isHeld: boolean): void {
  const change = isHeld ? 'ref' : 'unref'
  for (const part of [child, child.channel, ...child.stdio] as { ref?(): void; unref?(): void }[]) {
    part?.[change]?.()
  }
}

async function runIn(child: ChildProcess, wanted: Wanted): Promise<CommandResult> {
  const end = `\0${wanted.number}\0`
  const stdout = textUntil(child.stdout, end)
  const stderr = textUntil(child.stderr, end)
  const died = new AbortController()
  const answered = once(child, 'message', { signal: died.signal }).then(([{ status }]) => status as number)
  const closed = once(child, 'close', { signal: died.signal }).then(([status]) => Number(status ?? -1))
  child.send(wanted)
  const status = await Promise.race([answered, closed])
  died.abort()
  await Promise.allSettled([answered, closed])
  return { status, stdout: await stdout, stderr: await stderr }
}

/** Reads up to a mark, or to the end of the stream. */
function textUntil(stream: NodeJS.ReadableStream | null, mark: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let octets = Buffer.alloc(0)
  const finish = () => {
    stream?.off('data', keep)
    stream?.off('close', finish)
    const text = octets.toString('utf8')
    resolve(text.endsWith(mark) ? text.slice(0, -mark.length) : text)
  }
  const keep = (chunk: Buffer) => {
    octets = Buffer.concat([octets, chunk])
    if (octets.subarray(-mark.length).toString('latin1') === mark) finish()
  }
  stream?.on('data', keep)
  stream?.once('close', finish)
  return promise
}
