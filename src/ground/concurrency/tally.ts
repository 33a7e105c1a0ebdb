import { MINUTE } from '../durations.ts'

/** Something that strangers can cause as often as they like. */
export interface Happening {
  /** From a closed set, such as the code of an error. */
  readonly outcome: string
  /** The network address; null when it is not known. */
  readonly remoteAddress: string | null
}

/** What has happened since the last report. */
export interface Report {
  readonly count: number
  readonly first: Happening
  /** How often each outcome occurred. */
  readonly outcomes: ReadonlyMap<string, number>
  /** From how many network addresses; counted up to `MOST_ADDRESSES`. */
  readonly addresses: number
}

export interface Tally extends AsyncDisposable {
  add(happening: Happening): void
}

/**
 * Reports the first happening at once, and those that follow together, so that there is one report in each span of time
 * at most. What is left is reported when the tally is disposed of.
 *
 * @param report must handle its own failures
 * @param every milliseconds
 */
export function createTally(report: (report: Report) => Promise<void> | void, every = MINUTE): Tally {
  let gathered: Gathered | undefined
  let timer: NodeJS.Timeout | undefined
  let reporting = Promise.resolve()
  const send = () => {
    const current = gathered
    gathered = undefined
    if (current) reporting = reporting.then(() => report(reportOf(current)))
    return current !== undefined
  }
  const wait = () => {
    timer = setTimeout(() => {
      timer = undefined
      if (send()) wait()
    }, every).unref()
  }
  return {
    add(happening) {
      gathered ??= { first: happening, outcomes: new Map(), addresses: new Set() }
      const { outcomes, addresses } = gathered
      outcomes.set(happening.outcome, (outcomes.get(happening.outcome) ?? 0) + 1)
      if (addresses.size < MOST_ADDRESSES) addresses.add(happening.remoteAddress)
      if (timer) return
      send()
      wait()
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      send()
      await reporting
    },
  }
}

/** Bounds the memory that a flood takes. */
export const MOST_ADDRESSES = 1000

interface Gathered {
  readonly first: Happening
  readonly outcomes: Map<string, number>
  readonly addresses: Set<string | null>
}

const reportOf = ({ first, outcomes, addresses }: Gathered): Report => ({
  count: [...outcomes.values()].reduce((sum, times) => sum + times, 0),
  first,
  outcomes,
  addresses: addresses.size,
})

/** Such as `37 in a minute, from 3 network addresses: LINK_FORGED 30, LINK_MALFORMED 7`. */
export function summaryOf({ count, outcomes, addresses }: Report): string {
  const from = addresses === 1 ? 'one network address' : `${addresses} network addresses`
  const parts = [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ')
  return `${count} within a minute, from ${from}: ${parts}`
}
