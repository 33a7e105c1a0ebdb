import type { LeasedDigest } from './outbox.ts'

interface Leased {
  readonly digest: LeasedDigest
  until: number
  begun: boolean
}

/** What this process has leased and not finished. A lease that has run out, or that another process has, is not held. */
export class Hand {
  readonly #margin: number
  readonly #leased = new Map<string, Leased>()

  /** @param lease how long a lease lasts, in milliseconds; it is renewed three times in that time */
  constructor(lease: number) {
    this.#margin = lease / 3
  }

  /** @param until milliseconds since the epoch */
  take(digests: readonly LeasedDigest[], until: number): void {
    for (const digest of digests) this.#leased.set(digest.digestId, { digest, until, begun: false })
  }

  /** @param held which of them are still ours; the others are in other hands by now */
  renewed(ids: readonly string[], held: ReadonlySet<string>, until: number): void {
    for (const id of ids) {
      const leased = this.#leased.get(id)
      if (leased && held.has(id)) leased.until = until
      else if (!leased?.begun) this.#leased.delete(id)
    }
  }

  /**
   * Whether the digest may be sent now: a process that stood still for long, or could not renew its lease, must not send
   * what is another's by the time that the server has taken it.
   */
  begin({ digestId }: LeasedDigest, now: number): boolean {
    const leased = this.#leased.get(digestId)
    if (!leased || leased.until - this.#margin <= now) return false
    leased.begun = true
    return true
  }

  end({ digestId }: LeasedDigest): void {
    this.#leased.delete(digestId)
  }

  ids(): string[] {
    return [...this.#leased.keys()]
  }

  untouched(): LeasedDigest[] {
    return [...this.#leased.values()].flatMap(({ digest, begun }) => (begun ? [] : [digest]))
  }
}
