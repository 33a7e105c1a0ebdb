/**
 * Works through pieces as they come, at most `limit` at once. Takes no new piece once `signal` is aborted or a piece
 * has failed; what is in hand is finished first, then the first failure is thrown.
 */
export async function inParallel<T>(
  pieces: AsyncIterator<T>,
  limit: number,
  work: (piece: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = []
  const stopped = () => signal.aborted || failures.length > 0
  const worker = async () => {
    while (!stopped()) {
      const next = await pieces.next()
      if (next.done || stopped()) return
      await work(next.value)
    }
  }
  const workers = Array.from({ length: limit }, () =>
    worker().catch((error: unknown) => void failures.push(error)),
  )
  await Promise.all(workers)
  if (failures.length > 0) throw failures[0]
}
