import process from 'node:process'
import type { Check, CheckFigures, CheckLevel } from '../../../desks/admin/stuck/check.ts'
import type { Config } from '../../../ground/config/schema.ts'
import { displayText } from '../../../ground/display/text.ts'
import { SECOND } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Cli, type CommonOptions, print, withApp } from '../context.ts'

/**
 * `status --check`, as a plugin of Nagios and its relatives: one line, and 0 OK, 1 WARNING or 2 CRITICAL. A failure of
 * the check itself is CRITICAL.
 */
export async function checkStatus(cli: Cli, options: CommonOptions): Promise<void> {
  const check = await withApp(cli, options, async (app, config) => {
    await app.check()
    const work = await app.desk.stuck.check(undefined, config.runs.grace)
    const fault = await faultOfService(config)
    return fault === undefined
      ? work
      : { ...work, level: 'critical' as const, reasons: [fault, ...work.reasons] }
  }).catch(failed)
  print(options.json ? JSON.stringify(check) : checkLine(check))
  process.exitCode = EXIT[check.level]
}

type Checked = Pick<Check, 'level' | 'reasons'> & Partial<Check>

const EXIT = { ok: 0, warning: 1, critical: 2 } as const satisfies Record<CheckLevel, number>

function failed(error: unknown): Checked {
  const message = error instanceof Error ? error.message : String(error)
  return { level: 'critical', reasons: [error instanceof CodedError ? `${error.code}: ${message}` : message] }
}

/** Why the service on this machine cannot do its work, by its own word; undefined when it can. */
async function faultOfService({ http, watch }: Config): Promise<string | undefined> {
  const { host, port } = watch.port === undefined ? http : { host: watch.host, port: watch.port }
  const local = ANY_ADDRESS[host] ?? host
  const where = `${local.includes(':') ? `[${local}]` : local}:${port}`
  try {
    const answer = await fetch(`http://${where}/readyz`, { signal: AbortSignal.timeout(PATIENCE) })
    return answer.status === 503 ? `not ready (${reasonsIn(await answer.json())})` : undefined
  } catch {
    return `the service does not answer on ${where}`
  }
}

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Nagios gives a plugin 10 s as a rule. */
const PATIENCE = 5 * SECOND

const reasonsIn = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && 'reasons' in answer && Array.isArray(answer.reasons)
    ? answer.reasons.join(', ')
    : 'no reason given'

/** @returns `AMAVIS-DIGEST WARNING - digests that failed in the last hour: 2 | messages_waiting=3;;;0 …` */
export function checkLine({ level, reasons, figures }: Checked): string {
  const waiting = figures?.messagesWaiting ?? 0
  const text =
    reasons.length > 0 ? reasons.join('; ') : `messages that wait for their next digest: ${waiting}`
  // A bar begins the figures, and a second line would be another text.
  const shown = displayText(text.replaceAll('|', '/'), 500)
  return `AMAVIS-DIGEST ${level.toUpperCase()} - ${shown}${figures ? ` | ${performanceData(figures)}` : ''}`
}

/** `name=value;warn;crit;min` of the Monitoring Plugins. A threshold of 0 warns of anything above it. */
const performanceData = (figures: CheckFigures): string =>
  [
    `messages_waiting=${figures.messagesWaiting};;;0`,
    `digests_waiting=${figures.digestsWaiting};;;0`,
    `oldest_digest=${Math.round(figures.oldestDigest / SECOND)}s;3600;;0`,
    `digests_failed=${figures.digestsFailed};0;;0`,
    `releases_queued=${figures.releasesQueued};;;0`,
    `releases_uncertain=${figures.releasesUncertain};0;;0`,
    `releases_failed=${figures.releasesFailed};0;;0`,
  ].join(' ')
