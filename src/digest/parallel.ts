/**
 * Works through a list, at most `limit` pieces at once. Takes no new piece once `signal` is aborted or a piece has
 * failed; what is in hand is finished first, then the first failure is thrown.
 */
export async function inParallel<T>(
  list: readonly T[],
  limit: number,
  work: (piece: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const pieces = list.values()
  const failures: unknown[] = []
  const worker = async () => {
    for (const piece of pieces) {
      if (signal.aborted || failures.length > 0) return
      await work(piece).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, worker))
  if (failures.length > 0) throw failures[0]
}
