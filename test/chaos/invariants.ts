import type { Ledger, Tables } from './ledger.ts'
import { listingViolations } from './listing.ts'
import { releaseViolations } from './releases.ts'
import { explainRepeats } from './repeats.ts'

/** What was promised and is not so. */
export interface Violation {
  readonly rule: string
  /** Whom or what it is about, with all that helps to look into it. */
  readonly about: string
}

export interface Evidence {
  readonly ledger: Ledger
  readonly tables: Tables
  readonly limits: Limits
}

export interface Limits {
  /** SMTP connections of one process: so many mails are in flight when it dies. */
  readonly connections: number
  /** Milliseconds for which a process keeps a digest to itself: it may take so long to record what became of it. */
  readonly lease: number
  /** Milliseconds from a claim to the end of its lease. */
  readonly claimLease: number
  /** Milliseconds that amavisd has for its answer. */
  readonly answerWithin: number
}

/** Every promise that does not hold; none when all is well. */
export const violationsOf = (evidence: Evidence): Violation[] => [
  ...listingViolations(evidence),
  ...explainRepeats(evidence).violations,
  ...digestViolations(evidence),
  ...releaseViolations(evidence),
  ...runViolations(evidence),
  ...endViolations(evidence),
]

/** A digest's row and the mails under its Message-ID tell the same. */
function digestViolations({ ledger, tables }: Evidence): Violation[] {
  const rows = new Map(tables.digests.map(row => [row.digestId, row]))
  const sunk = new Set<string>()
  const violations: Violation[] = []
  for (const { messageId, reader } of ledger.digests) {
    const id = digestIdOf(messageId)
    const row = rows.get(id)
    sunk.add(id)
    if (row?.reader !== reader) {
      violations.push({ rule: 'digest of no row', about: `${messageId} to ${reader}, row of ${row?.reader}` })
    }
  }
  for (const { digestId, state, reader } of tables.digests) {
    const about = `${digestId} for ${reader} is ${state}`
    if (state === 'pending') violations.push({ rule: 'digest left over', about })
    if (state === 'sent' && !sunk.has(digestId)) violations.push({ rule: 'sent without a mail', about })
    if (state === 'failed' && sunk.has(digestId)) violations.push({ rule: 'failed, yet taken', about })
  }
  return violations
}

const digestIdOf = (messageId: string): string => /^<amavis-digest\.([^@]+)@/.exec(messageId)?.[1] ?? ''

/** A due run is one row, and it was brought to its end. */
function runViolations({ tables }: Evidence): Violation[] {
  const due = tables.runs.filter(run => run.schedule !== null)
  const times = Map.groupBy(due, run => `${run.schedule} of ${new Date(run.dueAt).toISOString()}`)
  const twice = [...times].filter(([, runs]) => runs.length > 1)
  return [
    ...twice.map(([about]) => ({ rule: 'run made twice', about })),
    ...due
      .filter(run => run.finishedAt === null)
      .map(run => ({
        rule: 'run never finished',
        about: `${run.runId}, ${new Date(run.dueAt).toISOString()}`,
      })),
  ]
}

const endViolations = ({ ledger }: Evidence): Violation[] =>
  ledger.ends.map(({ name, pid, status, at, log }) => ({
    rule: 'process ended by itself',
    about: `${name} (${pid}) with ${status} at ${new Date(at).toISOString()}:\n${log}`,
  }))
