import type { RequestHandler } from 'express'
import type { ClickRecorder } from '../../clicks/click-recorder.ts'
import type { LinkPage } from '../../metrics/meter.ts'

/** Writes down requests to a link. Behind the limit of requests for one link, which bounds how many rows it makes. */
export const clicks =
  ({ recordClick }: Pick<ClickRecorder, 'recordClick'>, page: LinkPage): RequestHandler =>
  (request, _response, next) => {
    recordClick({ page, method: request.method, token: String(request.params.token) })
    next()
  }
