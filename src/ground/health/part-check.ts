import { CodedError } from '../errors.ts'
import { type Check, ok } from './check.ts'
import { failureOf } from './failure.ts'
import type { WatchedPart } from './watched-part.ts'

/**
 * Probes a part that /readyz only watches, because it is too expensive to be asked each time.
 *
 * @param fine what is said when it is up
 */
export const partCheck = (id: string, part: WatchedPart, fine: string): Check => ({
  id,
  // The watch logs that a part is down.
  isToldAnyway: true,
  async run() {
    const reply = await part.fault(0)
    if (reply === undefined) return [ok(fine)]
    const { code = 'INTERNAL' } = await part.state()
    return [failureOf(new CodedError(code, reply))]
  },
})
