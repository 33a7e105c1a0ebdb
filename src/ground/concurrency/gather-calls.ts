/**
 * Calls `work` in a moment, once for everybody who asks until then, and at most once in so many milliseconds: however
 * often it is asked for, it costs little.
 *
 * @returns a function that asks for it
 */
export function gatherCalls(
  every: number,
  work: () => void,
  clock: () => number = () => performance.now(),
): () => void {
  let calledAt = Number.NEGATIVE_INFINITY
  let isPlanned = false
  const call = () => {
    isPlanned = false
    calledAt = clock()
    work()
  }
  return () => {
    if (isPlanned) return
    isPlanned = true
    setTimeout(call, Math.max(A_MOMENT, calledAt + every - clock())).unref()
  }
}

/** Milliseconds: what comes together is done together. */
const A_MOMENT = 50
