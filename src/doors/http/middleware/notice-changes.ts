import type { RequestHandler } from 'express'

/**
 * Calls `onChange` after the answer to each request that may have begun something, so that the loops of this process look
 * for it at once. A request that was refused has begun nothing.
 */
export const noticeChanges =
  (onChange: () => void): RequestHandler =>
  (request, response, next) => {
    if (!READING.has(request.method))
      response.on('finish', () => {
        if (response.statusCode < 400) onChange()
      })
    next()
  }

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])
