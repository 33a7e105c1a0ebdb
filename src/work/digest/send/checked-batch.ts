import { SECOND } from '../../../ground/durations.ts'

/**
 * Prepared digests, each with what a check has found out about it no longer than `FRESH` ago. A check looks up all that
 * are left of the batch together.
 */
export class CheckedBatch<Deps extends { readonly clock: () => number }, Prepared, Checked> {
  readonly #deps: Deps
  readonly #prepared: readonly Prepared[]
  readonly #lookUp: (deps: Deps, prepared: readonly Prepared[]) => Promise<Checked[]>
  #check: Promise<Check<Checked>> | undefined

  constructor(
    deps: Deps,
    prepared: readonly Prepared[],
    lookUp: (deps: Deps, prepared: readonly Prepared[]) => Promise<Checked[]>,
  ) {
    this.#deps = deps
    this.#prepared = prepared
    this.#lookUp = lookUp
  }

  get size(): number {
    return this.#prepared.length
  }

  /** Begins to check the batch, before the first of it is asked for. */
  readonly check = (): void => {
    this.#check ??= this.#checkFrom(0)
    this.#check.catch(() => undefined)
  }

  /** One of the batch; to be asked for in their order. */
  async at(place: number): Promise<Checked> {
    this.#check ??= this.#checkFrom(place)
    if (this.#isOld(await this.#check)) this.#check = this.#checkFrom(place)
    const { from, found } = await this.#check
    return found[place - from] as Checked
  }

  async #checkFrom(from: number): Promise<Check<Checked>> {
    const found = await this.#lookUp(this.#deps, this.#prepared.slice(from))
    // Not from when it began: a check that takes longer than it holds would be repeated for each digest.
    return { at: this.#deps.clock(), from, found }
  }

  /** Also when the clock was set back. */
  #isOld({ at }: Check<unknown>): boolean {
    return Math.abs(this.#deps.clock() - at) > FRESH
  }
}

interface Check<Checked> {
  readonly at: number
  readonly from: number
  readonly found: readonly Checked[]
}

/** How long a check holds, in milliseconds: about as long as a batch takes at a hundred mails a second. */
export const FRESH = 5 * SECOND
