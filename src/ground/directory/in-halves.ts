import type { Logger } from 'pino'
import { MINUTE } from '../durations.ts'
import { QuestionRefused } from './database-answer.ts'
import type { Answer, Directory } from './directory.ts'

/**
 * A directory in which no address holds up the others. A database may refuse a question because of one letter that its
 * encoding lacks, and anybody can send mail to such an address. A question that is refused is therefore asked again in
 * halves, and an address for which it is refused again is left out of the answers.
 *
 * @param limit milliseconds after which no further part is asked about
 * @param harmless an address about which only a directory that refuses every question refuses one
 * @throws CodedError as `directory` does when it refuses every question or is away
 */
export function inHalves(
  directory: Directory,
  { limit, harmless, log }: { limit: number; harmless: string; log: Pick<Logger, 'warn'> },
): Directory {
  let warnedAt = Number.NEGATIVE_INFINITY
  const warn = (error: unknown, addresses: readonly string[]) => {
    if (performance.now() - warnedAt < MINUTE) return
    warnedAt = performance.now()
    log.warn({ err: error, addresses: addresses.length, first: addresses.slice(0, MOST_SHOWN) }, REFUSED)
  }
  return {
    async find(addresses) {
      const until = performance.now() + limit
      const answers = new Map<string, Answer>()
      const parts = [addresses]
      let fault: unknown
      for (let part = parts.pop(); part && performance.now() < until; part = parts.pop()) {
        try {
          for (const [address, answer] of await directory.find(part)) answers.set(address, answer)
        } catch (error) {
          if (!(error instanceof QuestionRefused)) throw error
          if (fault === undefined) await directory.find([harmless])
          fault = error
          parts.push(...halvesOf(part))
        }
      }
      const left = addresses.filter(address => !answers.has(address))
      if (fault !== undefined) warn(fault, left)
      return answers
    },
  }
}

/**
 * None for a single address. Every other address goes into the same half: refused ones in a row, such as those left
 * over from an earlier question, are spread over all parts, should the time not be enough for all of them.
 */
const halvesOf = (part: readonly string[]): readonly (readonly string[])[] =>
  part.length < 2 ? [] : [1, 0].map(rest => part.filter((_, place) => place % 2 === rest))

const MOST_SHOWN = 10

const REFUSED =
  'the directory refuses questions about some addresses: their last known answers serve, and mail for those without one waits'
