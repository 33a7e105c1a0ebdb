import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createProgram } from '../../test/stack/program.ts'
import type { ChainFigures } from '../chain-process.ts'
import { duration } from '../measure.ts'
import type { Result } from '../table.ts'
import type { World } from '../world.ts'

/**
 * The whole chain in a process of its own: collect, compile, render, deliver to an SMTP server that discards all mail.
 */
export async function* measureChain(world: World): AsyncGenerator<Result> {
  await world.reset()
  using program = await createProgram({
    storage: { url: world.database.url },
    smtp: { url: `smtp://127.0.0.1:${world.smtpPort}`, from: 'Mail quarantine <quarantine@example.com>' },
  })
  const figures = await runChain(program.configFile)
  const perSecond = figures.sent / (figures.total / 1000)
  const wire = await wireSpeed(world.smtpPort)
  yield {
    what: `the whole chain, ${figures.sent} digests`,
    ours: `${perSecond.toFixed(0)} digests/s`,
    ratio: wire / perSecond,
    otherwise: `smtp-source with mails of 16 kB: ${wire.toFixed(0)}/s`,
  }
  yield { what: '  CPU for each', ours: duration(figures.cpu / figures.sent) }
  yield { what: '  collecting and compiling, share of the time', ours: percent(figures.made / figures.total) }
  yield { what: '  memory at its highest (RSS)', ours: `${Math.round(figures.rss / 1e6)} MB` }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

async function runChain(configFile: string): Promise<ChainFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHAIN, configFile])
  return JSON.parse(stdout) as ChainFigures
}

const CHAIN = fileURLToPath(new URL('../chain-process.ts', import.meta.url))

/** The upper limit: mails per second that a program in C delivers without having to make them. */
async function wireSpeed(port: number): Promise<number> {
  const mails = 10_000
  const start = performance.now()
  await promisify(execFile)('/usr/sbin/smtp-source', [
    ...['-s', '10', '-m', `${mails}`, '-l', `${OCTETS}`],
    ...['-f', 'quarantine@example.com', '-t', 'reader@example.com', `127.0.0.1:${port}`],
  ])
  return mails / ((performance.now() - start) / 1000)
}

/** The size of a digest of two messages, with its header. */
const OCTETS = 16_000
