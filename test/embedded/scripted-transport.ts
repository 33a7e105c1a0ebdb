import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../../src/release/transport.ts'

/** amavisd's behaviour, told by the test. */
export interface ScriptedTransport extends ReleaseTransport {
  readonly requests: ReleaseRequest[]
  answer: (request: ReleaseRequest) => ReleaseAnswer | Promise<ReleaseAnswer>
}

export const RELEASED: ReleaseAnswer = { outcome: 'released', reply: '250 2.0.0 from MTA: 250 2.0.0 Ok' }
export const DEFERRED: ReleaseAnswer = { outcome: 'deferred', reply: '451 4.5.0 the next MTA is away' }

export function scriptedTransport(): ScriptedTransport {
  const transport: ScriptedTransport = {
    requests: [],
    answer: () => RELEASED,
    async release(request) {
      transport.requests.push(request)
      return transport.answer(request)
    },
  }
  return transport
}
