/**
 * Reads for many callers together: a batch takes hardly more statements than one key. Callers of one turn of the event
 * loop share a read, and while two reads are under way, the callers who come meanwhile share the next. Each read begins
 * after its callers have asked, so nobody gets an answer older than the question.
 *
 * @param maxSize how many callers share a read
 * @param read reads for all of them, and returns the answer for each
 * @returns a function that reads for one caller; it rejects as the read does that it shares
 */
export function gatherReads<Key, Answer>(
  maxSize: number,
  read: (keys: readonly Key[]) => Promise<(key: Key) => Answer>,
): (key: Key) => Promise<Answer> {
  const waiting: Asked<Key, Answer>[] = []
  let underWay = 0
  let isPlanned = false
  const plan = () => {
    if (isPlanned || underWay >= MOST_UNDER_WAY || waiting.length === 0) return
    isPlanned = true
    setImmediate(start)
  }
  const start = () => {
    isPlanned = false
    const batch = waiting.splice(0, maxSize)
    underWay += 1
    void perform(batch, read).finally(() => {
      underWay -= 1
      plan()
    })
    plan()
  }
  return key => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ key, resolve, reject })
    plan()
    return promise
  }
}

/** One is often answered while the next begins. More would make smaller batches. */
const MOST_UNDER_WAY = 2

interface Asked<Key, Answer> {
  readonly key: Key
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

async function perform<Key, Answer>(
  batch: readonly Asked<Key, Answer>[],
  read: (keys: readonly Key[]) => Promise<(key: Key) => Answer>,
): Promise<void> {
  try {
    const answerOf = await read(batch.map(({ key }) => key))
    for (const { key, resolve } of batch) resolve(answerOf(key))
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
