import { setTimeout as wait } from 'node:timers/promises'
import { createPace } from '../concurrency/pace.ts'
import { MINUTE, SECOND } from '../durations.ts'
import { asFailure, SmtpFailure } from './smtp-failure.ts'
import type { SmtpSession } from './smtp-session.ts'

/** The connections to the SMTP server, each of which carries one mail after the other. */
export interface SmtpPool extends AsyncDisposable {
  /**
   * Does the work with a session, once one is free. It is done again with another session if the server has ended the
   * first one before it took anything of the mail.
   *
   * @throws SmtpFailure from the work, or because no session can be opened and none is open. If other clients of the
   * server use up what it allows us, they have half a minute to end.
   */
  use<T>(work: (session: SmtpSession) => Promise<T>): Promise<T>
  /**
   * Opens a session and closes it again.
   *
   * @returns why none can be opened; undefined when one can be, when others are open, or when too many of others have
   * been open for a short while only
   */
  probe(): Promise<SmtpFailure | undefined>
  /** How many sessions are open, and how many may be. */
  figures(): PoolFigures
}

export interface PoolFigures {
  readonly open: number
  /** As many as were asked for, or fewer if the server does not let us open so many. */
  readonly allowed: number
}

export interface SmtpPoolDeps {
  /** @throws SmtpFailure */
  readonly open: () => Promise<SmtpSession>
  /** How many sessions may be open at once. */
  readonly most: number
  /** Mails a second; undefined for no limit. */
  readonly rate: number | undefined
  /** Called when the server is found to allow fewer sessions than before. */
  readonly onFewer: (allowed: number, reply: string) => void
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
}

/**
 * A refusal to open one more session is no outage while others are open: no more are opened for a while, and the mails
 * wait for those. It is an outage when none is open and none can be opened; then all waiting mails are told.
 */
export function createSmtpPool({ open, most, rate, onFewer, clock }: SmtpPoolDeps): SmtpPool {
  const idle: IdleSession[] = []
  const waiting: PromiseWithResolvers<SmtpSession>[] = []
  const pace = createPace(rate, clock)
  let turn = Promise.resolve()
  let busy = 0
  let opening = 0
  let allowed = most
  let reported = most
  let refusal = ''
  let widenAt = Number.POSITIVE_INFINITY
  /** Since when we have no session because of those of others, such as a command beside a running service. */
  let crowdedSince: number | undefined
  let askingAgain: NodeJS.Timeout | undefined
  let isClosed = false

  const narrow = (to: number, reply: string) => {
    allowed = Math.max(1, to)
    refusal = reply
    widenAt = clock() + WIDEN_AFTER
  }
  const widen = () => {
    if (allowed >= most || clock() < widenAt) return
    allowed += 1
    widenAt = clock() + WIDEN_AFTER
    if (allowed === most) reported = most
  }
  const openOne = async () => {
    opening += 1
    try {
      const session = await open()
      opening -= 1
      letIn()
      keep(session)
    } catch (error) {
      opening -= 1
      refused(asFailure(error))
    }
    serve()
  }
  const letIn = () => {
    // How many are allowed beside those of others has to be found out anew.
    if (crowdedSince !== undefined) allowed = most
    crowdedSince = undefined
  }
  const refused = (failure: SmtpFailure) => {
    const others = busy + openIdle() + opening
    if (others > 0) narrow(others, failure.reply)
    else if (mayEnd(failure)) {
      narrow(1, failure.reply)
      askingAgain ??= setTimeout(askAgain, ASK_AGAIN_AFTER)
    } else {
      allowed = most
      for (const waiter of waiting.splice(0)) waiter.reject(failure)
    }
  }
  /** Whether others use up what the server allows us, and have not for long. */
  const mayEnd = (failure: SmtpFailure): boolean => {
    crowdedSince = failure.isCrowded ? (crowdedSince ?? clock()) : undefined
    return crowdedSince !== undefined && clock() - crowdedSince < CROWDED_PATIENCE
  }
  const askAgain = () => {
    askingAgain = undefined
    serve()
  }
  const openIdle = () => idle.filter(({ session }) => session.isOpen()).length
  const keep = (session: SmtpSession) => {
    if (isClosed) return void session.quit()
    const timer = setTimeout(() => void takeIdle(session)?.quit(), IDLE_FOR).unref()
    idle.push({ session, timer })
  }
  const takeIdle = (wanted?: SmtpSession): SmtpSession | undefined => {
    for (;;) {
      const at = wanted ? idle.findIndex(({ session }) => session === wanted) : idle.length - 1
      const [taken] = at < 0 ? [] : idle.splice(at, 1)
      if (!taken) return undefined
      clearTimeout(taken.timer)
      if (taken.session.isOpen()) return taken.session
    }
  }
  /** Gives sessions to the mails that wait, and opens more if they are too few. */
  const serve = () => {
    reportFewer()
    while (waiting.length > 0) {
      const session = takeIdle()
      if (!session) break
      busy += 1
      waiting.shift()?.resolve(session)
    }
    widen()
    while (!askingAgain && opening < waiting.length && busy + opening < allowed) void openOne()
  }
  /** Only once it is known how many sessions work. */
  const reportFewer = () => {
    if (opening > 0 || allowed >= reported || busy + openIdle() === 0) return
    reported = allowed
    onFewer(allowed, refusal)
  }
  /** @param isFirst whether the mail goes before those that wait: it was their turn once */
  const acquire = (isFirst: boolean): Promise<SmtpSession> => {
    if (isClosed) return Promise.reject(new SmtpFailure('opening', new Error('the mailer was closed'), false))
    const waiter = Promise.withResolvers<SmtpSession>()
    if (isFirst) waiting.unshift(waiter)
    else waiting.push(waiter)
    serve()
    return waiter.promise
  }
  const release = async (session: SmtpSession, isUseful: boolean) => {
    const isKept = isUseful && session.isOpen() && session.mails() < MAILS_PER_SESSION
    // Until it has ended, the server counts it.
    if (!isKept) await session.quit()
    busy -= 1
    if (isKept) keep(session)
    serve()
  }
  /** Whether a mail that a new session could not carry may wait for one of the others. */
  const mayWaitForOthers = ({ reply }: SmtpFailure): boolean => {
    const others = busy - 1 + openIdle() + opening
    if (others > 0) narrow(others, reply)
    return others > 0
  }
  const inTurn = () => {
    if (rate === undefined) return Promise.resolve()
    turn = turn.then(async () => {
      const pause = pace.pause()
      if (pause > 0) await wait(pause)
      pace.step()
    })
    return turn
  }
  return {
    async use(work) {
      await inTurn()
      for (let onNew = 0, onUsed = 0; ; ) {
        const session = await acquire(onNew + onUsed > 0)
        const isUsed = session.mails() > 0
        let isUseful = true
        try {
          return await work(session)
        } catch (error) {
          isUseful = error instanceof SmtpFailure && !endsSession(error, session)
          if (isUseful || !(error instanceof SmtpFailure)) throw error
          // A server may end a session that was idle for long, or has carried many mails: all of them at about the same time.
          if (isUsed ? ++onUsed > most : ++onNew === MOST_ATTEMPTS || !mayWaitForOthers(error)) throw error
        } finally {
          void release(session, isUseful)
        }
      }
    },
    async probe() {
      try {
        const session = await open()
        letIn()
        void session.quit()
        return undefined
      } catch (error) {
        const failure = asFailure(error)
        return busy + openIdle() > 0 || mayEnd(failure) ? undefined : failure
      }
    },
    figures: () => ({ open: busy + openIdle(), allowed }),
    async [Symbol.asyncDispose]() {
      isClosed = true
      clearTimeout(askingAgain)
      for (let session = takeIdle(); session; session = takeIdle()) void session.quit()
      const closed = new SmtpFailure('opening', new Error('the mailer was closed'), false)
      for (const waiter of waiting.splice(0)) waiter.reject(closed)
    },
  }
}

interface IdleSession {
  readonly session: SmtpSession
  readonly timer: NodeJS.Timeout
}

/** Whether the server has ended the session, or wants fewer of them, before it took anything of this mail. */
function endsSession(failure: SmtpFailure, session: SmtpSession): boolean {
  if (failure.stage !== 'sending' || failure.isHandedOver) return false
  if (failure.isReply) return failure.replyCode === 421 || failure.isCrowded
  // It goes on after an address that cannot be written.
  return !session.isOpen()
}

/** How many new sessions one mail is tried on before the caller is told. */
const MOST_ATTEMPTS = 3

/** Some servers accept only so many mails in one session. */
const MAILS_PER_SESSION = 1000

/** An idle session takes a place from other clients of the server, such as a command beside a running service. */
const IDLE_FOR = 5 * SECOND

/** Another process of ours ends its idle sessions within `IDLE_FOR`, but may have mails for longer. */
const CROWDED_PATIENCE = 30 * SECOND

const ASK_AGAIN_AFTER = SECOND

/** After a refusal, one more session is tried only after this time. */
const WIDEN_AFTER = MINUTE
