import type { Evidence, Violation } from './evidence.ts'
import { keyOf, type ReleasedCopy, type ReleaseRow } from './ledger.ts'
import { recipientOf } from './second-readers.ts'

/**
 * Checks that a release gives at most one copy, whoever of its readers asked, unless one of them asked for another, and
 * that no answer is untrue.
 */
export function releaseViolations(evidence: Evidence): Violation[] {
  const { ledger, tables } = evidence
  const copies = Map.groupBy(ledger.copies, copy => keyOf(copy.subject, copy.recipient))
  const answers = Map.groupBy(ledger.answers, answer => keyOf(answer.subject, recipientOf(answer.reader)))
  const known = new Set(tables.releases.map(row => keyOf(row.subject, row.recipient)))
  return [
    ...tables.releases.flatMap(row => {
      const item = keyOf(row.subject, row.recipient)
      const again = (answers.get(item) ?? []).filter(answer => answer.again).length
      const told = new Set((answers.get(item) ?? []).map(answer => answer.told))
      return faultsOf(row, copies.get(item) ?? [], again, told).map(rule => ({ rule, about: about(row) }))
    }),
    ...[...copies.keys()]
      .filter(item => !known.has(item))
      .map(item => ({ rule: 'copy without a claim', about: item })),
    ...uncertainViolations(evidence),
  ]
}

function faultsOf(
  row: ReleaseRow,
  copies: readonly ReleasedCopy[],
  again: number,
  told: ReadonlySet<string>,
): string[] {
  // If amavisd did not hear that the MTA had accepted a copy, it repeats the copy itself. That is not our fault.
  const heard = copies.filter(copy => copy.heard).length
  const wasTold = told.has('released') || told.has('already-released')
  return [
    ...(heard > 1 + again ? [`${heard} copies`] : []),
    ...(row.state === 'released' && copies.length === 0 ? ['released without a copy'] : []),
    ...(row.state === 'failed' && heard > 0 && again === 0 ? ['failed, yet a copy came'] : []),
    ...(row.state === 'releasing' || row.state === 'queued' ? ['release left over'] : []),
    ...(wasTold && copies.length === 0 ? ['told of a release without a copy'] : []),
  ]
}

/** Checks that a release is uncertain only if its process died, or the database, amavisd or the MTA was away then. */
function uncertainViolations({ ledger, tables, limits }: Evidence): Violation[] {
  const isExplained = (row: ReleaseRow) => {
    const askedAt = row.leaseUntil - limits.claimLease
    return ledger.disturbances.some(
      ({ what, from, to }) =>
        UNSETTLING.has(what) && from <= askedAt + limits.answerWithin + MARGIN && to >= askedAt - MARGIN,
    )
  }
  return tables.releases
    .filter(row => row.state === 'uncertain' && !isExplained(row))
    .map(row => ({ rule: 'uncertain without a cause', about: about(row) }))
}

const UNSETTLING: ReadonlySet<string> = new Set(['process', 'database', 'amavisd', 'mta'])

/** Milliseconds. */
const MARGIN = 1_500

const about = (row: ReleaseRow): string =>
  `${keyOf(row.subject, row.recipient)}: ${row.heldId} is ${row.state}, ${row.code}, asked at ${new Date(row.requestedAt).toISOString()}, ${row.reply}`
