import type { Evidence, Violation } from './evidence.ts'
import type { DigestCopy, Disturbance } from './ledger.ts'

export interface Repeats {
  /** Of each cause, how many copies were sent although the server had taken one before. */
  readonly causes: Readonly<Record<Cause, number>>
  readonly violations: readonly Violation[]
}

export type Cause =
  /** The sink could not say 250: the connection broke first. */
  | 'unheard'
  /** The process died between the 250 and the record. */
  | 'killed'
  /** The database did not take the record. */
  | 'database'

/**
 * A copy that another one followed was not recorded as sent, or not in time. That may happen only where the 250 was not
 * heard, its process died, or its database was away about then; and to no more mails at once than a process has
 * connections.
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
  // What a process had sent when it died may be taken after its death.
  const death = disturbances.find(
    ({ what, pid, from }) => what === 'process' && pid === copy.pid && from <= copy.at + lease,
  )
  if (death) return ['killed', death]
  // Away before it, the database could not renew the lease: another process took the digest over while it was being sent.
  const outage = disturbances.find(
    ({ what, from, to }) => what === 'database' && from <= copy.at + lease && to >= copy.at - lease,
  )
  return outage && ['database', outage]
}

const about = ({ messageId, reader, at, pid }: DigestCopy): string =>
  `${messageId} to ${reader}, taken from process ${pid} at ${new Date(at).toISOString()}`
