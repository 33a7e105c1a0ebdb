import type { Logger } from 'pino'
import { createTally, type Happening, summaryOf } from '../concurrency/tally.ts'
import { MINUTE } from '../durations.ts'
import { networkOf } from '../network/network.ts'

export interface RefusalLines extends AsyncDisposable {
  /** @param name what was refused, as the line says it */
  write(name: string, happening: Happening): void
}

/**
 * Writes a log line for each refusal, up to a limit for each network and one for all. Those beyond the limits share a
 * line a minute. `packaging/fail2ban` reads these lines: the message ends with the address, and no stranger's text
 * stands in it.
 */
export function createRefusalLines(log: Logger): RefusalLines {
  let written = new Map<string, number>()
  let total = 0
  let endsAt = 0
  const unwritten = createTally(report =>
    log.warn({ count: report.count }, `more refusals than are logged: ${summaryOf(report)}`),
  )
  return {
    write(name, { outcome, remoteAddress }) {
      const now = performance.now()
      if (now >= endsAt) {
        written = new Map()
        total = 0
        endsAt = now + MINUTE
      }
      const network = networkOf(remoteAddress ?? '')
      const ofNetwork = written.get(network) ?? 0
      if (ofNetwork >= MOST_OF_NETWORK || total >= MOST) return unwritten.add({ outcome, remoteAddress })
      written.set(network, ofNetwork + 1)
      total += 1
      log.warn({ remoteAddress, code: outcome }, `${name} refused from ${remoteAddress ?? 'unknown'}`)
    },
    [Symbol.asyncDispose]: () => unwritten[Symbol.asyncDispose](),
  }
}

/** Lines a minute. fail2ban needs five to ban an address. */
const MOST_OF_NETWORK = 10
const MOST = 100
