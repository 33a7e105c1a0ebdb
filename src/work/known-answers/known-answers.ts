import type { Logger } from 'pino'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { Answer, Directory } from '../../ground/directory/directory.ts'
import { isDirectoryAway } from '../../ground/directory/unless-away.ts'
import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { type KnownAnswer, readAnswers, storeAnswers } from './answer-rows.ts'

export interface KnownAnswersDeps {
  /** The directory itself. A question to it ends within a time that is known. */
  readonly directory: Directory
  /** Which directory it is: answers of another one do not count. */
  readonly source: string
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly log: Logger
}

/** The answers of a directory, which are kept in our tables: for all processes, and for when it is away. */
export interface KnownAnswers {
  /**
   * A directory that never fails because the real one does. It asks about addresses whose last answer is too old, a few
   * hundred at once. If no answer comes, the last known one serves, however old it is. An address about which nothing
   * is known then is left out. It must not be asked within a transaction, because it reads and writes our tables.
   *
   * @param age milliseconds for which an answer counts; 0: the directory is asked each time
   */
  noOlderThan(age: number): Directory
  /** Somebody has just asked the directory itself and got no answer: for a while, nobody waits for it again. */
  isFoundAway(): void
  /** The last known answers, however old they are. The directory is not asked, and what was never asked is left out. */
  readonly remembered: Directory
}

/** Keeps a directory's answers. */
export function rememberAnswers({ directory, source, state, clock, log }: KnownAnswersDeps): KnownAnswers {
  const flights = new Map<string, Promise<Answers>>()
  let awaySince: number | undefined
  let warnedAt = Number.NEGATIVE_INFINITY

  /** While the directory is known to be away, nobody waits for it. */
  const isAway = () => awaySince !== undefined && Math.abs(clock() - awaySince) < ASK_AGAIN_AFTER

  const askDirectly = async (addresses: readonly string[], known: Known): Promise<Answers> => {
    // Before the question: its answer may be that old once it comes.
    const askedAt = clock()
    const answers = await directory.find(addresses).catch((error: unknown) => {
      awaySince = clock()
      warn(error)
      return undefined
    })
    if (answers === undefined) return NO_ANSWERS
    awaySince = undefined
    await storeAnswers(state, source, answers, known, askedAt)
    return answers
  }
  const warn = (error: unknown) => {
    if (Math.abs(clock() - warnedAt) < WARN_EVERY) return
    warnedAt = clock()
    // Where it broke off tells nobody more about a directory that is away.
    log.warn(isDirectoryAway(error) ? { code: error.code, reply: error.message } : { err: error }, AWAY)
  }
  /** Asks about each address once, however many callers want to know at the same time. */
  const ask = async (addresses: readonly string[], known: Known): Promise<Answers> => {
    const joined = new Set(
      addresses.map(address => flights.get(address)).filter(flight => flight !== undefined),
    )
    const others = addresses.filter(address => !flights.has(address))
    if (others.length > 0) joined.add(begin(others, known))
    return new Map((await Promise.all(joined)).flatMap(answers => [...answers]))
  }
  const begin = (addresses: readonly string[], known: Known): Promise<Answers> => {
    const flight = askDirectly(addresses, known).finally(() => {
      for (const address of addresses) flights.delete(address)
    })
    for (const address of addresses) flights.set(address, flight)
    return flight
  }
  return {
    noOlderThan: age => ({
      async find(addresses) {
        const found = new Map<string, Answer>()
        for (const chunk of chunks(addresses, READ_TOGETHER)) {
          const known = await readAnswers(state, source, chunk)
          for (const [address, { answer }] of known) found.set(address, answer)
          const isOld = (address: string) => !isYoung(known.get(address), clock(), age)
          for (const old of chunks(chunk.filter(isOld))) {
            if (isAway()) break
            const answers = await ask(old, known)
            for (const address of old) {
              const answer = answers.get(address)
              if (answer) found.set(address, answer)
            }
          }
        }
        return found
      },
    }),
    remembered: {
      async find(addresses) {
        const found = new Map<string, Answer>()
        for (const chunk of chunks(addresses, READ_TOGETHER))
          for (const [address, { answer }] of await readAnswers(state, source, chunk))
            found.set(address, answer)
        return found
      },
    },
    isFoundAway: () => {
      awaySince = clock()
    },
  }
}

type Answers = ReadonlyMap<string, Answer>

type Known = ReadonlyMap<string, KnownAnswer>

const NO_ANSWERS: Answers = new Map()

/** False, too, for an answer from the future, which a clock that was ahead has left. */
const isYoung = (known: KnownAnswer | undefined, now: number, age: number): boolean =>
  known !== undefined && Math.abs(now - known.askedAt) < age

/** As many as a lot of digests that are made together has readers. */
const READ_TOGETHER = 1000

/** Milliseconds. */
const ASK_AGAIN_AFTER = 5 * SECOND

const WARN_EVERY = MINUTE

const AWAY =
  'the directory gives no answer: its last known answers serve, and mail for addresses that it has never been asked about waits'
