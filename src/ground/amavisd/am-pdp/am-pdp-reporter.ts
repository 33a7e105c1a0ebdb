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
 * @param timeout milliseconds to wait for its answer
 */
export function createAmPdpReporter(via: AmPdpAddress, timeout: number): ReportTransport {
  const gate = new Gate(1)
  return {
    async report(request) {
      const fault = faultOf(request)
      if (fault !== undefined) return refused(fault)
      return gate.run(() => askAmPdp(via, 'report', request, { timeout }))
    },
  }
}
