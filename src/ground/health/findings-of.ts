import type { Check, Finding } from './check.ts'
import { failureOf } from './failure.ts'

/** What a check found, or `silent` when it gave no answer within so many milliseconds. */
export async function findingsOf(check: Check, limit: number): Promise<readonly Finding[] | 'silent'> {
  const timeOver = new AbortController()
  const { promise: silence, resolve } = Promise.withResolvers<'silent'>()
  const timer = setTimeout(() => {
    timeOver.abort()
    resolve('silent')
  }, limit)
  const answer = (async () => check.run(timeOver.signal))().catch((error: unknown) => [failureOf(error)])
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}
