import type { Evidence, Violation } from './evidence.ts'
import type { DigestCopy, Disturbance } from './ledger.ts'

export interface Repeats {
  /** By cause, how many copies were sent although the server had accepted one before. */
  readonly causes: Readonly<Record<Cause, number>>
  readonly violations: readonly Violation[]
}

export type Cause =
  /** The connection broke before the sink could say 250. */
  | 'unheard'
  /** The process died before it recorded the 250. */
  | 'killed'
  /** The database was away when the 250 was to be recorded. */
  | 'database'

/**
 * Finds the cause of each repeat. A copy that was followed by another one was not recorded as sent in time. That may
 * happen only if the 250 was not heard, the process died, or the database was away at about that time; and after a
 * death, to no more mails than the process had connections.
 */
export function explainRepeats({ ledger, limits }: Evidence): Repeats {
  const causes = { unheard: 0, killed: 0, database: 0 }
  const blamed = new Map<Disturbance, number>()
  const violations: Violation[] = []
  for (const copy of repeatedCopies(ledger.digests)) {
    const [cause, disturbance] = causeOf(copy, ledger.disturbances, limits.lease) ?? []
    if (cause) causes[cause] += 1
    else violations.push({ rule: 'repeat without a cause', about: about(copy) })
    if (cause === 'killed' && disturbance) blamed.set(disturbance, (blamed.get(disturbance) ?? 0) + 1)
  }
  for (const [{ pid, from, how }, count] of blamed) {
    if (count <= limits.connections) continue
    const when = new Date(from).toISOString()
    violations.push({
      rule: 'more repeats than connections',
      about: `${count} after ${how} of ${pid} at ${when}`,
    })
  }
  return { causes, violations }
}

function repeatedCopies(digests: readonly DigestCopy[]): DigestCopy[] {
  const byMessageId = Map.groupBy(digests, copy => copy.messageId)
  return [...byMessageId.values()].flatMap(copies => copies.toSorted((a, b) => a.at - b.at).slice(0, -1))
}

function causeOf(
  copy: DigestCopy,
  disturbances: readonly Disturbance[],
  lease: number,
): [cause: Cause, disturbance?: Disturbance] | undefined {
  if (!copy.heard) return ['unheard']
  // A mail that a process had sent when it died may be accepted after its death.
  const death = disturbances.find(
    ({ what, pid, from }) => what === 'process' && pid === copy.pid && from <= copy.at + lease,
  )
  if (death) return ['killed', death]
  // If the database was away before, the lease was not renewed, and another process may have taken the digest over.
  const outage = disturbances.find(
    ({ what, from, to }) => what === 'database' && from <= copy.at + lease && to >= copy.at - lease,
  )
  return outage && ['database', outage]
}

const about = ({ messageId, reader, at, pid }: DigestCopy): string =>
  `${messageId} to ${reader}, taken from process ${pid} at ${new Date(at).toISOString()}`
