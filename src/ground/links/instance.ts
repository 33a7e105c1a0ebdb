import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { MINUTE } from '../durations.ts'
import type { KeyRing } from './key-ring.ts'
import { signToken } from './token.ts'

/**
 * A question by which one process recognises another of the same installation: only who has the key file can ask it,
 * and only who has the key file can answer it.
 */
export interface InstanceQuestion {
  readonly token: string
  /** Whether this is the answer to it. */
  isAnsweredBy(proof: string): boolean
}

/** What the process tells about the request with the question. */
export interface InstanceAnswer {
  readonly proof: string
  /** The address that counts as the client's. */
  readonly client: string | null
  /** The address that the connection came from: of the proxy, if there is one. */
  readonly peer: string | null
  readonly forwardedFor: string | null
}

/** Clocks of two machines may differ by so much. */
const LIFETIME = 10 * MINUTE

export function askInstance(keys: KeyRing, now: number): InstanceQuestion {
  const subject = randomBytes(16).toString('base64url')
  const link = { purpose: 'instance', subject, binding: '', expiresAt: now + LIFETIME } as const
  const expected = proofOf(keys, subject, now)
  return {
    token: signToken(link, keys.current(now)),
    isAnsweredBy: proof => {
      const given = Buffer.from(proof)
      return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected))
    },
  }
}

/**
 * The answer to a question of this installation.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED for any other text
 */
export const answerInstance = (keys: KeyRing, token: string, now: number): string =>
  proofOf(keys, keys.verify(token, 'instance', now).subject, now)

const proofOf = (keys: KeyRing, subject: string, now: number): string =>
  createHmac('sha256', keys.current(now).key).update(`instance:${subject}`).digest('base64url')
