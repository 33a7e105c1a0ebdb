import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { MINUTE, SECOND } from '../../../ground/durations.ts'

export interface HoldBackDeps {
  /** Why the amavisd of a host cannot be asked to release; undefined when it can. */
  readonly faultAt: (host: string, maxAge: number) => Promise<string | undefined>
  /** Send digests all the same. */
  readonly withoutRelease: boolean
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
  readonly log: Logger
}

/** Holds back digests whose links would do nothing, because amavisd cannot be asked to release. */
export interface HoldBack {
  /**
   * Why a digest must wait; undefined when it may be sent.
   * @param hosts whose amavisd holds its messages; none if it has none
   * @param patience for how many milliseconds to ask amavisd again first, because a restart takes some seconds
   */
  reasonFor(hosts: readonly string[], patience?: number): Promise<string | undefined>
}

export function createHoldBack(deps: HoldBackDeps): HoldBack {
  let loggedAt = Number.NEGATIVE_INFINITY
  let lookedAt = Number.NEGATIVE_INFINITY
  let patientUntil: number | undefined

  const firstFault = async (hosts: readonly string[], maxAge: number) => {
    for (const host of hosts) {
      const fault = await deps.faultAt(host, maxAge)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  const logNowAndThen = (fault: string) => {
    if (deps.clock() - loggedAt < LOG_EVERY) return
    loggedAt = deps.clock()
    deps.log.error({ reply: fault }, HELD_BACK)
  }
  /** Looks now and then only, because nothing depends on it. */
  const warn = async (hosts: readonly string[]) => {
    if (deps.clock() - lookedAt < LOG_EVERY) return
    lookedAt = deps.clock()
    const fault = await firstFault(hosts, MAX_AGE)
    if (fault !== undefined) deps.log.warn({ reply: fault }, SENT_ALL_THE_SAME)
  }
  return {
    async reasonFor(hosts, patience = 0) {
      if (hosts.length === 0) return undefined
      if (deps.withoutRelease) {
        await warn(hosts)
        return undefined
      }
      let fault = await firstFault(hosts, MAX_AGE)
      if (fault !== undefined) patientUntil ??= deps.clock() + patience
      while (fault !== undefined && deps.clock() < (patientUntil ?? 0)) {
        await wait(ASK_AGAIN_AFTER)
        fault = await firstFault(hosts, ASK_AGAIN_AFTER)
      }
      if (fault === undefined) return undefined
      logNowAndThen(fault)
      return `${HELD_BACK_FOR}: ${fault}`
    },
  }
}

/** The reply in the row of a digest that is held back begins with it. */
export const HELD_BACK_FOR = 'held back, because amavisd cannot be asked to release'

/**
 * When to look again at a digest that is held back, in milliseconds: the wait grows with the outage, so that a restart
 * of amavisd delays no digest for long, and a long outage costs little.
 *
 * @param sendAt when the digest was first to be sent
 */
export const lookAgainAt = (sendAt: number, now: number): number =>
  now + Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, (now - sendAt) / 4))

const SHORTEST_WAIT = 5 * SECOND
const LONGEST_WAIT = 5 * MINUTE

/** How old the last word from amavisd may be, in milliseconds. All digests of a run share one probe. */
const MAX_AGE = 5 * SECOND

const ASK_AGAIN_AFTER = 500

const LOG_EVERY = 10 * MINUTE

const HELD_BACK =
  'digests are held back, because amavisd cannot be asked to release and their links would do nothing; they are sent once it answers: see release.via'
const SENT_ALL_THE_SAME =
  'digests are sent although amavisd cannot be asked to release (delivery.withoutRelease): their links do nothing until it answers'
