import { Gate } from '../../concurrency/gate.ts'
import { refused } from '../amavisd-replies.ts'
import type { ReportTransport } from '../report-transport.ts'
import { faultOf } from '../request-faults.ts'
import { askAmPdp } from './ask-am-pdp.ts'
import type { AmPdpAddress } from './exchange.ts'

/**
 * Asks amavisd to report through AM.PDP: one message at a time, because amavisd has few child processes, and releases
 * come first.
 *
 * @param timeout milliseconds, for waiting until others are done and for amavisd's answer
 */
export function createAmPdpReporter(via: AmPdpAddress, timeout: number): ReportTransport {
  const gate = new Gate(1)
  return {
    async report(request) {
      const fault = faultOf(request)
      if (fault !== undefined) return refused(fault)
      const until = performance.now() + timeout
      const left = () => Math.max(1, Math.round(until - performance.now()))
      const ask = () => askAmPdp(via, 'report', request, { timeout: left() })
      // Asking never rejects: only the wait for one's turn does.
      return gate.run(ask, AbortSignal.timeout(timeout)).catch(() => BUSY)
    },
  }
}

const BUSY = { outcome: 'unreachable', reply: 'it is busy with other reports', asked: false } as const
