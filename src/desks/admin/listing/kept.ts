/**
 * What `read` finds, or has found a moment ago: figures that cost the database much are read once for all who look at
 * them.
 *
 * @param owner with which all that is kept goes
 * @param keep milliseconds
 */
export function keptFor<T>(
  owner: object,
  key: string,
  { now, keep }: { readonly now: number; readonly keep: number },
  read: () => Promise<T>,
): Promise<T> {
  const answers = answersOf(owner)
  for (const [each, { until }] of answers) if (until <= now) answers.delete(each)
  const known = answers.get(key)
  // Whoever asks for a key knows what stands under it.
  if (known) return known.answer as Promise<T>
  const answer = read()
  const kept = { answer, until: now + keep }
  answers.set(key, kept)
  answer.catch(() => answers.get(key) === kept && answers.delete(key))
  const [oldest = key] = answers.keys()
  if (answers.size > MOST_KEPT) answers.delete(oldest)
  return answer
}

/** Answers, most of them a kilobyte. */
const MOST_KEPT = 2000

interface Kept {
  readonly answer: Promise<unknown>
  readonly until: number
}

const all = new WeakMap<object, Map<string, Kept>>()

function answersOf(owner: object): Map<string, Kept> {
  const known = all.get(owner) ?? new Map<string, Kept>()
  all.set(owner, known)
  return known
}
