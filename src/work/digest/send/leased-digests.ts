import type { LeasedDigest } from './outbox.ts'

interface Entry {
  readonly digest: LeasedDigest
  leaseUntil: number
  hasBegun: boolean
}

/**
 * The digests that this process has leased and not finished. Those whose lease has run out, or has been taken over by
 * another process, are not begun.
 */
export class LeasedDigests {
  readonly #margin: number
  readonly #entries = new Map<string, Entry>()

  /** @param lease how long a lease lasts, in milliseconds; it is renewed three times in that time */
  constructor(lease: number) {
    this.#margin = lease / 3
  }

  /** @param leaseUntil milliseconds since the epoch */
  add(digests: readonly LeasedDigest[], leaseUntil: number): void {
    for (const digest of digests) this.#entries.set(digest.digestId, { digest, leaseUntil, hasBegun: false })
  }

  /**
   * @param ids the digests whose leases were to be renewed
   * @param renewed those of them that are still ours; other processes have taken over the rest
   */
  recordRenewal(ids: readonly string[], renewed: ReadonlySet<string>, leaseUntil: number): void {
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry && renewed.has(id)) entry.leaseUntil = leaseUntil
      else if (!entry?.hasBegun) this.#entries.delete(id)
    }
  }

  /**
   * Begins to send a digest, unless too little of its lease is left. A process that stood still for long, or could not
   * renew the lease, must not send a digest that may be another process's by the time the server has accepted it.
   *
   * @returns whether the digest may be sent now
   */
  begin({ digestId }: LeasedDigest, now: number): boolean {
    const entry = this.#entries.get(digestId)
    if (!entry || !this.#isHeld(entry, now)) return false
    entry.hasBegun = true
    return true
  }

  /** Whether a digest that has begun may still be sent: it may have waited for a connection. */
  isHeld({ digestId }: LeasedDigest, now: number): boolean {
    const entry = this.#entries.get(digestId)
    return entry !== undefined && this.#isHeld(entry, now)
  }

  #isHeld({ leaseUntil }: Entry, now: number): boolean {
    return leaseUntil - this.#margin > now
  }

  /** Nothing of its mail was handed over: it may be given back. */
  withdraw({ digestId }: LeasedDigest): void {
    const entry = this.#entries.get(digestId)
    if (entry) entry.hasBegun = false
  }

  end({ digestId }: LeasedDigest): void {
    this.#entries.delete(digestId)
  }

  ids(): string[] {
    return [...this.#entries.keys()]
  }

  notBegun(): LeasedDigest[] {
    return [...this.#entries.values()].flatMap(({ digest, hasBegun }) => (hasBegun ? [] : [digest]))
  }
}
