/**
 * Works through pieces as they come, at most `limit` at once. Once `signal` is aborted or a piece has failed, it takes
 * no new piece, finishes those in progress, and then throws the first failure.
 */
export async function inParallel<T>(
  pieces: AsyncIterator<T>,
  limit: number,
  work: (piece: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = []
  const isStopped = () => signal.aborted || failures.length > 0
  const worker = async () => {
    while (!isStopped()) {
      const next = await pieces.next()
      if (next.done || isStopped()) return
      await work(next.value)
    }
  }
  const workers = Array.from({ length: limit }, () =>
    worker().catch((error: unknown) => void failures.push(error)),
  )
  await Promise.all(workers)
  if (failures.length > 0) throw failures[0]
}
