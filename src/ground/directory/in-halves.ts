import type { Logger } from 'pino'
import { MINUTE } from '../durations.ts'
import { CodedError } from '../errors.ts'
import type { Answer, Directory } from './directory.ts'

/**
 * A directory in which no address holds up the others. A database may refuse a question because of one letter that its
 * encoding lacks, and anybody can send mail to such an address. A question that is refused is therefore asked again in
 * halves, and an address for which it is refused again is left out of the answers.
 *
 * @param limit milliseconds after which no further part is asked about
 * @throws CodedError DIRECTORY_REFUSED when no part is answered, and as `directory` does
 */
export function inHalves(directory: Directory, limit: number, log: Pick<Logger, 'warn'>): Directory {
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
      for (let questions = 0; ; questions += 1) {
        const isHopeless = answers.size === 0 && questions >= HOPELESS_AFTER
        const part = isHopeless || performance.now() >= until ? undefined : parts.pop()
        if (!part) break
        try {
          for (const [address, answer] of await directory.find(part)) answers.set(address, answer)
        } catch (error) {
          if (!isRefusal(error)) throw error
          fault = error
          parts.push(...halvesOf(part))
        }
      }
      if (fault === undefined) return answers
      if (answers.size === 0) throw fault
      warn(
        fault,
        addresses.filter(address => !answers.has(address)),
      )
      return answers
    },
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof CodedError && error.code === 'DIRECTORY_REFUSED'

/**
 * None for a single address. Every other address goes into the same half: refused ones in a row, such as those left
 * over from an earlier question, are spread over all parts.
 */
const halvesOf = (part: readonly string[]): readonly (readonly string[])[] =>
  part.length < 2 ? [] : [1, 0].map(rest => part.filter((_, place) => place % 2 === rest))

/**
 * If so many questions have brought no answer, the directory refuses everything. One refused address among 500 takes 19
 * questions.
 */
const HOPELESS_AFTER = 40

const MOST_SHOWN = 10

const REFUSED =
  'the directory refuses questions about some addresses: their last known answers serve, and mail for those without one waits'
