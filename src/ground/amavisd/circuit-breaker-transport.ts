import { SECOND } from '../durations.ts'
import { unreachable } from './amavisd-replies.ts'
import type { ReleaseAnswer, ReleaseTransport } from './transport.ts'

/**
 * Spares an amavisd that is away, and whoever would wait for it: after one attempt to reach it has failed, further
 * requests are answered at once, those that wait for a free connection too. Now and then one goes through to see
 * whether it is back. Once the signal is aborted nobody waits for a connection any more; what amavisd has been asked
 * is waited for.
 *
 * @param clock milliseconds, of a clock that nobody sets
 */
export function createCircuitBreakerTransport(
  transport: ReleaseTransport,
  clock: () => number,
): ReleaseTransport {
  let away: { readonly until: number; readonly reply: string } | undefined
  let probing = false

  return {
    async release(request, signal, turn = async () => true) {
      using waiting = abortedBy(signal)
      let spared: string | undefined
      let probes = false
      let asks = false
      const myTurn = async () => {
        waiting.isOver()
        if (away && (probing || clock() < away.until)) {
          spared = away.reply
          return false
        }
        probes = away !== undefined
        probing ||= probes
        asks = await turn()
        return asks
      }
      try {
        const answer = await transport.release(request, waiting.signal, myTurn)
        if (waiting.signal.aborted && !asks) return unreachable(STOPPED, false, request.secretId)
        if (spared !== undefined) return unreachable(spared, false, request.secretId)
        if (asks) {
          away = isAway(answer) ? { until: clock() + PAUSE, reply: answer.reply } : undefined
        }
        return answer
      } finally {
        if (probes) probing = false
      }
    },
    async probe() {
      const fault = await transport.probe()
      if (fault === undefined) away = undefined
      return fault
    },
  }
}

interface Waiting extends Disposable {
  readonly signal: AbortSignal
  /** From now on nothing aborts it. */
  isOver(): void
}

function abortedBy(signal: AbortSignal | undefined): Waiting {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const isOver = () => signal?.removeEventListener('abort', abort)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return { signal: controller.signal, isOver, [Symbol.dispose]: isOver }
}

const STOPPED = 'This program was stopped before amavisd could be asked.'

/** Milliseconds between two looks at an amavisd that is away. */
const PAUSE = 2 * SECOND

const isAway = (answer: ReleaseAnswer): boolean => answer.outcome === 'unreachable' && !answer.asked
