import type { Request, RequestHandler } from 'express'
import {
  LINK_REQUEST_KINDS,
  type LinkPage,
  type LinkRequestKind,
  type Meter,
} from '../../../ground/metrics/meter.ts'
import { isPrefetch } from '../pages/answer.ts'

/** Counts the requests to readers' links, whatever is answered. Methods that no link knows are not counted. */
export function linkRequests(meter: Meter, page: LinkPage): RequestHandler {
  return (request, _response, next) => {
    const kind = kindOf(request)
    if (kind) meter.linkRequested(page, kind)
    next()
  }
}

const kindOf = (request: Request): LinkRequestKind | undefined =>
  isPrefetch(request) ? 'prefetch' : LINK_REQUEST_KINDS.find(kind => kind === request.method)
