import type { Request, RequestHandler } from 'express'
import {
  LINK_REQUEST_KINDS,
  type LinkPage,
  type LinkRequestKind,
  type Meter,
} from '../../../ground/metrics/meter.ts'
import { isPrefetch } from '../pages/answer.ts'

/** Counts the requests to readers' links, whatever the answer is. Methods that no link answers are not counted. */
export function countLinkRequests(meter: Meter, page: LinkPage): RequestHandler {
  return (request, _response, next) => {
    const kind = kindOf(request)
    if (kind) meter.linkRequested(page, kind)
    next()
  }
}

const kindOf = (request: Request): LinkRequestKind | undefined =>
  isPrefetch(request) ? 'prefetch' : LINK_REQUEST_KINDS.find(kind => kind === request.method)
