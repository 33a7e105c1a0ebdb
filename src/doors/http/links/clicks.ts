import type { RequestHandler } from 'express'
import type { LinkPage } from '../../../ground/metrics/meter.ts'
import type { ClickRecorder } from '../../../work/clicks/click-recorder.ts'

/** Writes down requests to a link. Behind the limit of requests for one link, which bounds how many rows it makes. */
export const clicks =
  ({ recordClick }: Pick<ClickRecorder, 'recordClick'>, page: LinkPage): RequestHandler =>
  (request, _response, next) => {
    recordClick({ page, method: request.method, token: String(request.params.token) })
    next()
  }
