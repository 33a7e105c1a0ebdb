import type { ReleaseTransport } from '../../ground/amavisd/transport.ts'

/**
 * Asks no amavisd: each release becomes queued, and the service asks soon after. For releases that a person has asked
 * for together and that take longer than a page may take to answer.
 */
export const PUTS_OFF: ReleaseTransport = {
  release: async () => ({ outcome: 'deferred', reply: 'not asked yet: too many were released at once' }),
  probe: async () => undefined,
}
