import type { Logger } from 'pino'
import { createTally, type Happening, summaryOf, type Tally } from '../concurrency/tally.ts'
import { MINUTE } from '../durations.ts'
import type { Meter, RefusedWhat } from '../metrics/meter.ts'
import type { SignInKind } from '../state/state-tables.ts'
import { type AuditAction, recordAudit, type StateSql } from './record.ts'
import { createRefusalLines, type RefusalLines } from './refusal-lines.ts'

/** A request of somebody who proved nothing, so anybody can send any number of them. */
export interface Refusal extends Happening {
  readonly what: RefusedWhat
  /** As whom somebody wanted to sign in. */
  readonly kind?: SignInKind
}

/**
 * Records what was refused to strangers: each refusal is counted in a metric, and those of one kind share one audit row
 * a minute. A refused sign-in or API key also leaves a line in the log, for fail2ban.
 */
export interface Refusals extends AsyncDisposable {
  add(refusal: Refusal): void
  /** Leaves only the line in the log. */
  log(refusal: Refusal): void
}

export interface RefusalDeps {
  readonly state: StateSql
  readonly clock: () => number
  readonly log: Logger
  readonly meter: Meter
}

export function createRefusals(deps: RefusalDeps): Refusals {
  const lines: RefusalLines = createRefusalLines(deps.log)
  const tallies = new Map<string, Tally>()
  const tallyOf = (refusal: Refusal): Tally => {
    const key = `${refusal.what} ${refusal.kind ?? ''}`
    const tally = tallies.get(key) ?? createTally(report => recordReport(deps, refusal, report), MINUTE)
    tallies.set(key, tally)
    return tally
  }
  const log = (refusal: Refusal) => {
    const name = LOGGED[refusal.what]
    if (name !== undefined) lines.write(name, refusal)
  }
  return {
    add(refusal) {
      deps.meter.refused(refusal.what)
      log(refusal)
      tallyOf(refusal).add(refusal)
    },
    log,
    async [Symbol.asyncDispose]() {
      await Promise.all([...tallies.values()].map(tally => tally[Symbol.asyncDispose]()))
      await lines[Symbol.asyncDispose]()
    },
  }
}

/** A reader whose mail program has changed a link is no attacker: those have no line. */
const LOGGED: Readonly<Partial<Record<RefusedWhat, string>>> = {
  'sign-in': 'sign-in',
  'sign-in-link': 'sign-in',
  'api-key': 'API key',
}

const ACTIONS = {
  link: 'release',
  'sign-in': 'sign-in',
  'sign-in-link': 'sign-in-ask',
  'api-key': 'key-use',
} as const satisfies Record<RefusedWhat, AuditAction>

async function recordReport(
  { state, clock, log }: RefusalDeps,
  { what, kind }: Refusal,
  report: Parameters<typeof summaryOf>[0],
): Promise<void> {
  const { first, count } = report
  const actor = {
    kind: kind ?? (what === 'api-key' ? 'admin' : 'reader'),
    name: 'unknown',
    remoteAddress: first.remoteAddress,
  } as const
  const detail = count === 1 ? {} : { detail: summaryOf(report) }
  try {
    await recordAudit(state, { actor, action: ACTIONS[what], outcome: first.outcome, ...detail }, clock())
  } catch (error) {
    log.error({ err: error }, 'refused requests could not be recorded in the audit')
  }
}
