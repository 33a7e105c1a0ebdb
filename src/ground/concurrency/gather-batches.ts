/**
 * Gathers single ids that come at about the same time into lots, because a lot costs hardly more statements than one.
 *
 * @param most ids in a lot
 * @param work on a lot; tells of each id when it is done. What it has not told of is done when it ends
 * @returns takes one id; resolves when that one is done, and never rejects: failures are the work's own to report
 */
export function gatherBatches(
  most: number,
  work: (ids: readonly string[], done: (id: string) => void) => Promise<void>,
): (id: string) => Promise<void> {
  let waiting = new Map<string, () => void>()
  const start = () => {
    const lot = waiting
    if (lot.size === 0) return
    waiting = new Map()
    const done = (id: string) => lot.get(id)?.()
    work([...lot.keys()], done)
      .catch(() => undefined)
      .finally(() => {
        for (const id of lot.keys()) done(id)
      })
  }
  return id => {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (waiting.size === 0) setImmediate(start)
    const twin = waiting.get(id)
    waiting.set(id, () => {
      twin?.()
      resolve()
    })
    if (waiting.size >= most) start()
    return promise
  }
}
