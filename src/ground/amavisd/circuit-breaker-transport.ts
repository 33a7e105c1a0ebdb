import { SECOND } from '../durations.ts'
import { always, unreachable } from './amavisd-replies.ts'
import type { ReleaseAnswer, ReleaseTransport } from './transport.ts'

/**
 * Keeps callers from waiting for an amavisd that is down. After one failed attempt to reach it, all other requests are
 * answered at once, including those that wait for a free connection. Every two seconds one request goes through, to see
 * whether amavisd is back. Once the signal is aborted, no request waits for a connection any longer; a request that
 * amavisd has received is still waited for.
 *
 * @param clock a monotonic clock, in milliseconds
 */
export function createCircuitBreakerTransport(
  transport: ReleaseTransport,
  clock: () => number,
): ReleaseTransport {
  let outage: { readonly until: number; readonly reply: string } | undefined
  let probing = false

  return {
    async release(request, signal, mayAsk = always) {
      using waiting = abortedBy(signal)
      let outageReply: string | undefined
      let isProbe = false
      let isAsked = false
      const mayAskNow = async () => {
        waiting.end()
        if (outage && (probing || clock() < outage.until)) {
          outageReply = outage.reply
          return false
        }
        isProbe = outage !== undefined
        probing ||= isProbe
        isAsked = await mayAsk()
        return isAsked
      }
      try {
        const answer = await transport.release(request, waiting.signal, mayAskNow)
        if (waiting.signal.aborted && !isAsked) return unreachable(STOPPED, false, request.secretId)
        if (outageReply !== undefined) return unreachable(outageReply, false, request.secretId)
        if (isAsked) {
          outage = isDown(answer) ? { until: clock() + PAUSE, reply: answer.reply } : undefined
        }
        return answer
      } finally {
        if (isProbe) probing = false
      }
    },
    async probe() {
      const fault = await transport.probe()
      if (fault === undefined) outage = undefined
      return fault
    },
  }
}

interface Waiting extends Disposable {
  readonly signal: AbortSignal
  /** From then on, the outer signal no longer aborts this one. */
  end(): void
}

function abortedBy(signal: AbortSignal | undefined): Waiting {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const end = () => signal?.removeEventListener('abort', abort)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return { signal: controller.signal, end, [Symbol.dispose]: end }
}

const STOPPED = 'This program was stopped before amavisd could be asked.'

/** Milliseconds between two attempts to reach an amavisd that is down. */
const PAUSE = 2 * SECOND

const isDown = (answer: ReleaseAnswer): boolean => answer.outcome === 'unreachable' && !answer.asked
