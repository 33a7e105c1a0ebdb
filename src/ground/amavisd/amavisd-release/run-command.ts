import { spawn } from 'node:child_process'
import type { Invocation } from './invocation.ts'

export type Ending =
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'ended'; readonly stderr: string }
  | { readonly kind: 'killed'; readonly reason: string; readonly stderr: string }

/** Runs a command without a shell or our environment. Never rejects; kills it when it times out or is aborted. */
export function runCommand(
  command: string,
  { args, stdin }: Invocation,
  timeout: number,
  signal?: AbortSignal,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  if (signal?.aborted) return Promise.resolve({ kind: 'not-started', reason: 'Interrupted' })
  const child = spawn(command, args, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
  let stderr = ''
  let killedFor: string | undefined
  const kill = (reason: string) => {
    killedFor = reason
    child.kill('SIGKILL')
  }
  const abort = () => kill('Interrupted.')
  const timer = setTimeout(() => kill(`amavisd did not answer within ${timeout} ms.`), timeout)
  signal?.addEventListener('abort', abort, { once: true })
  const settle = (ending: Ending) => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    resolve(ending)
  }
  child.once('error', error => settle({ kind: 'not-started', reason: `${command}: ${codeOf(error)}` }))
  child.once('close', () =>
    settle(
      killedFor === undefined ? { kind: 'ended', stderr } : { kind: 'killed', reason: killedFor, stderr },
    ),
  )
  child.stdout.resume()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, MAX_CHARACTERS)
  })
  // The command may end before it has read its stdin: its stderr then tells why.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  return promise
}

/** Not the error's message, which repeats the arguments and with them the secret. */
const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.name

const MAX_CHARACTERS = 16_384
