import { pino } from 'pino'
import { createApp } from '../../../src/app.ts'
import { runCommandLine } from '../../../src/command-line.ts'
import type { Result } from './command.ts'

/**
 * Runs one command to its end in this process, which takes a tenth of what a process of its own takes. For commands
 * that only read arguments, work and print: not for what stays, asks at a terminal, or handles signals.
 */
export function inThisProcess(...args: readonly string[]): Promise<Result> {
  const result = last.then(() => run(args))
  last = result.catch(() => undefined)
  return result
}

/** One at a time, because a process has one stdout. */
let last: Promise<unknown> = Promise.resolve()

async function run(args: readonly string[]): Promise<Result> {
  using output = captured()
  const { argv } = process
  process.argv = [process.execPath, 'amavis-digest', ...args]
  process.exitCode = undefined
  try {
    await runCommandLine({
      createApp: (config, deps) => createApp(config, { ...deps, log: logTo(output.stderr) }),
      runDemo: () => Promise.reject(new Error('The demo stays')),
    })
    return {
      status: Number(process.exitCode ?? 0),
      stdout: output.stdout.join(''),
      stderr: output.stderr.join(''),
    }
  } finally {
    process.argv = argv
    process.exitCode = undefined
  }
}

function captured() {
  const streams = { stdout: [] as string[], stderr: [] as string[] }
  const own = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array, ...rest: unknown[]) => {
      streams[name].push(typeof text === 'string' ? text : Buffer.from(text).toString())
      const written = rest.at(-1)
      if (typeof written === 'function') process.nextTick(written)
      return true
    }
  }
  return {
    ...streams,
    [Symbol.dispose]: () => {
      process.stdout.write = own.stdout
      process.stderr.write = own.stderr
    },
  }
}

/** As a command logs: warnings and errors only. */
const logTo = (lines: string[]) =>
  pino({ level: 'warn', base: null }, { write: line => void lines.push(line) })
