import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../../src/ground/amavisd/transport.ts'

/** A release transport whose answers are chosen by the test. */
export interface ScriptedTransport extends ReleaseTransport {
  /** The requests that reached amavisd. */
  readonly requests: ReleaseRequest[]
  /** Resolves when a connection to amavisd is free. */
  wait: () => Promise<void>
  answer: (request: ReleaseRequest) => ReleaseAnswer | Promise<ReleaseAnswer>
}

export const RELEASED: ReleaseAnswer = { outcome: 'released', reply: '250 2.0.0 from MTA: 250 2.0.0 Ok' }
export const DEFERRED: ReleaseAnswer = { outcome: 'deferred', reply: '451 4.5.0 the next MTA is away' }
export const REFUSED: ReleaseAnswer = { outcome: 'refused', reply: '550 5.1.1 no such user' }
/** The connection broke after amavisd was asked: a copy may have been delivered. */
export const UNHEARD: ReleaseAnswer = { outcome: 'unreachable', reply: 'timed out', asked: true }

export function scriptedTransport(): ScriptedTransport {
  const transport: ScriptedTransport = {
    requests: [],
    wait: async () => {},
    answer: () => RELEASED,
    async release(request, _signal, turn = async () => true) {
      await transport.wait()
      if (!(await turn())) return { outcome: 'unreachable', reply: 'too late', asked: false }
      transport.requests.push(request)
      return transport.answer(request)
    },
    probe: async () => undefined,
  }
  return transport
}
