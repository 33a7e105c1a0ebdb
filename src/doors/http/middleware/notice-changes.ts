import type { RequestHandler } from 'express'

/**
 * Tells of each request that may have begun something, once it is answered: whoever goes on with it in this process then
 * looks at once. What was refused has begun nothing.
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
