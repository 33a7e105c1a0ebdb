import type { Evidence, Violation } from './evidence.ts'
import { listingViolations } from './listing.ts'
import { releaseViolations } from './releases.ts'
import { explainRepeats } from './repeats.ts'

/** Returns every broken promise; none when all is well. */
export const violationsOf = (evidence: Evidence): Violation[] => [
  ...listingViolations(evidence),
  ...explainRepeats(evidence).violations,
  ...digestViolations(evidence),
  ...releaseViolations(evidence),
  ...runViolations(evidence),
  ...endViolations(evidence),
]

/** Checks that a digest's row agrees with the mails under its Message-ID. */
function digestViolations({ ledger, tables }: Evidence): Violation[] {
  const rows = new Map(tables.digests.map(row => [row.digestId, row]))
  const sunk = new Set<string>()
  const violations: Violation[] = []
  for (const { messageId, reader } of ledger.digests) {
    const id = digestIdOf(messageId)
    const row = rows.get(id)
    sunk.add(id)
    if (row?.reader !== reader) {
      violations.push({
        rule: 'digest without a matching row',
        about: `${messageId} to ${reader}, row of ${row?.reader}`,
      })
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

/** Checks that each due run is one row, and that it was finished if it was due before the end. */
function runViolations({ tables, settledAt }: Evidence): Violation[] {
  const due = tables.runs.filter(run => run.schedule !== null)
  const times = Map.groupBy(due, run => `${run.schedule} of ${new Date(run.dueAt).toISOString()}`)
  const twice = [...times].filter(([, runs]) => runs.length > 1)
  return [
    ...twice.map(([about]) => ({ rule: 'run made twice', about })),
    ...due
      .filter(run => run.finishedAt === null && run.dueAt < settledAt)
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
