import type { LeasedDigest } from './outbox.ts'

interface Leased {
  readonly digest: LeasedDigest
  until: number
  begun: boolean
}

/** What this process has leased and not finished. A lease that has run out, or that another process has, is not held. */
export class Hand {
  readonly #leased = new Map<string, Leased>()

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

  /** Whether the digest may be sent now: a process that stood still for long must not send what is another's. */
  begin({ digestId }: LeasedDigest, now: number): boolean {
    const leased = this.#leased.get(digestId)
    if (!leased || leased.until <= now) return false
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
