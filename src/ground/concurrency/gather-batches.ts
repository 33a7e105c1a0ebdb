/**
 * Gathers single ids that come at about the same time into batches, because a batch takes hardly more statements than
 * one id.
 *
 * @param maxSize how many ids a batch may have
 * @param work processes a batch and calls `done` for each finished id; the remaining ids are done when it ends
 * @returns a function that takes one id and resolves when it is done; it never rejects, as `work` reports its failures
 */
export function gatherBatches(
  maxSize: number,
  work: (ids: readonly string[], done: (id: string) => void) => Promise<void>,
): (id: string) => Promise<void> {
  let waiting = new Map<string, () => void>()
  const start = () => {
    const batch = waiting
    if (batch.size === 0) return
    waiting = new Map()
    const done = (id: string) => batch.get(id)?.()
    work([...batch.keys()], done)
      .catch(() => undefined)
      .finally(() => {
        for (const id of batch.keys()) done(id)
      })
  }
  return id => {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (waiting.size === 0) setImmediate(start)
    const resolveEarlier = waiting.get(id)
    waiting.set(id, () => {
      resolveEarlier?.()
      resolve()
    })
    if (waiting.size >= maxSize) start()
    return promise
  }
}
