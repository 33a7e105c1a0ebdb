/** Lets requests take turns with more important work of the same thread. */
export interface Turns {
  /**
   * Calls `perform` at once where nothing else is to be done. Otherwise in its turn, or never where too many wait.
   *
   * @param costs milliseconds of CPU that it takes about
   * @param fills how much of the queue those like it may take up, from 0 to 1: the rest is left to the others
   * @returns whether it has to wait: then nothing more should be read from whoever asked
   */
  take(costs: number, perform: () => void, fills: number): 'done' | 'waits' | 'refused'
}

export interface TurnsOptions {
  /** Whether more important work is going on. */
  readonly isBusy: () => boolean
  /** How much of the time requests may then take: from 0 to 1. */
  readonly share: number
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}

/**
 * A budget grows with the time and is spent by the requests. Whoever finds it spent waits, in the order of arrival, in
 * a queue that is bounded.
 */
export function createTurns({ isBusy, share, now }: TurnsOptions): Turns {
  const waiting: { readonly costs: number; readonly perform: () => void }[] = []
  let budget = MOST_SAVED
  let countedAt = now()
  const mayPerform = (): boolean => {
    const at = now()
    // What is spent while nothing else is to be done is no debt: a flood of the night must not bar the links of a run.
    budget = isBusy() ? Math.min(MOST_SAVED, budget + (at - countedAt) * share) : MOST_SAVED
    countedAt = at
    return budget > 0
  }
  const goOn = () => {
    let next = 0
    let spent = 0
    for (; next < waiting.length && spent < MOST_SAVED && mayPerform(); next += 1) {
      const turn = waiting[next]
      spent += turn?.costs ?? 0
      budget -= turn?.costs ?? 0
      turn?.perform()
    }
    waiting.splice(0, next)
    // When a run has ended, those who wait go on as fast as they can be served, but not all at once.
    if (waiting.length > 0) setTimeout(goOn, isBusy() ? PAUSE : spent)
  }
  return {
    take(costs, perform, fills) {
      if (waiting.length === 0 && mayPerform()) {
        budget -= costs
        perform()
        return 'done'
      }
      if (waiting.length >= MOST_WAITING * fills) return 'refused'
      waiting.push({ costs, perform })
      if (waiting.length === 1) setTimeout(goOn, PAUSE)
      return 'waits'
    },
  }
}

/** Milliseconds. Pages that go on together are read together: a single one would cost three times as much. */
const PAUSE = 50

/** Milliseconds of CPU that may be spent at once: so long does everybody else have to wait. */
const MOST_SAVED = 20

/** About ten megabytes. */
const MOST_WAITING = 2000
