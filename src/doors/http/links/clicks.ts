import type { RequestHandler } from 'express'
import type { LinkPage } from '../../../ground/metrics/meter.ts'
import type { ClickRecorder } from '../../../work/clicks/click-recorder.ts'

/** Records requests to a link. It comes after the rate limit for one link, which bounds the number of rows. */
export const recordClicks =
  ({ recordClick }: Pick<ClickRecorder, 'recordClick'>, page: LinkPage): RequestHandler =>
  (request, _response, next) => {
    recordClick({ page, method: request.method, token: String(request.params.token) })
    next()
  }
