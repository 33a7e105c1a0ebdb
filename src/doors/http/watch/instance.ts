import express, { type Router } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import type { InstanceAnswer } from '../../../ground/links/instance.ts'

export interface InstanceRouteDeps {
  /**
   * Answers a question of this installation.
   * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED for a text that is none
   */
  readonly answerInstance: (token: string) => string
}

/**
 * GET /instance/TOKEN: tells `doctor`, and nobody else, that this process belongs to its installation, and whom it takes
 * for the client. For any other token there is no such page.
 */
export function instanceRoute({ answerInstance }: InstanceRouteDeps): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get('/instance/:token', (request, response, next) => {
    const proof = proofFor(answerInstance, request.params.token)
    if (proof === undefined) return next()
    const forwardedFor = request.headers['x-forwarded-for']
    const answer: InstanceAnswer = {
      proof,
      client: request.ip ?? null,
      peer: request.socket.remoteAddress ?? null,
      forwardedFor: forwardedFor === undefined ? null : String(forwardedFor).slice(0, LONGEST),
    }
    response.json(answer)
  })
  return router
}

function proofFor(answerInstance: InstanceRouteDeps['answerInstance'], token: string): string | undefined {
  try {
    return answerInstance(token)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

/** Characters of X-Forwarded-For. */
const LONGEST = 500
