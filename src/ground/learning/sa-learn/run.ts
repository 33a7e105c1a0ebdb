import { type ChildProcess, spawn } from 'node:child_process'
import { CodedError } from '../../errors.ts'
import type { Invocation } from './invocation-as.ts'

export interface Ended {
  /** Null: a signal ended it. */
  readonly code: number | null
  /** The beginning of what it wrote to either output. */
  readonly output: string
}

/**
 * Runs a program without a shell and without our environment, and gives it octets to read.
 *
 * @param limit milliseconds after which it is killed, with all that it has started
 * @throws CodedError LEARN_FAILED when it cannot be started, or takes too long
 */
export function run({ program, args, home }: Invocation, input: Uint8Array, limit: number): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH, HOME: home, LANG: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
    // The leader of a group of its own, so that what it starts is killed with it.
    detached: true,
  })
  let output = ''
  const timer = setTimeout(() => {
    kill(child)
    reject(new CodedError('LEARN_FAILED', `${program} took longer than ${Math.round(limit)} ms.`))
  }, limit)
  child.once('error', error => {
    clearTimeout(timer)
    reject(new CodedError('LEARN_FAILED', `${program} cannot be started: ${codeOf(error)}.`))
  })
  child.once('close', code => {
    clearTimeout(timer)
    resolve({ code, output })
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MOST_CHARACTERS)
    })
  }
  // It may end before it has read everything: its status then tells why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return promise
}

/** Where administrators and Debian put programs. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const MOST_CHARACTERS = 16_384

/** What runs by sudo may not be ours to kill: its pipes are closed, so that it ends with the next thing it writes. */
function kill({ pid, stdin, stdout, stderr }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended, or belongs to somebody else.
  }
  for (const stream of [stdin, stdout, stderr]) stream?.destroy()
}

const codeOf = ({ code, message }: NodeJS.ErrnoException): string => code ?? message
