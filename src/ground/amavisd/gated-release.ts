import { Gate } from '../concurrency/gate.ts'
import { always, refused, unreachable } from './amavisd-replies.ts'
import { faultOf } from './request-faults.ts'
import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from './transport.ts'

/**
 * The `release` of a transport. It refuses requests that make no sense, and sends the others through a gate.
 *
 * @param connections how many requests may run at once: each occupies one of amavisd's child processes ($max_servers)
 * @param ask sends one request to amavisd
 */
export function gatedRelease(
  connections: number,
  ask: (request: ReleaseRequest, signal: AbortSignal | undefined) => Promise<ReleaseAnswer>,
): ReleaseTransport['release'] {
  const gate = new Gate(connections)
  return async (request, signal, mayAsk = always) => {
    const fault = faultOf(request)
    if (fault !== undefined) return refused(fault)
    return gate
      .run(
        async () => ((await mayAsk()) ? ask(request, signal) : unreachable(CLAIM_EXPIRED, false, '')),
        signal,
      )
      .catch(() => unreachable('Interrupted', false, request.secretId))
  }
}

const CLAIM_EXPIRED = 'The claim expired while it waited for a free connection to amavisd.'
