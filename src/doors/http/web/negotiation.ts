import type { Request } from 'express'
import { memo } from '../../../ground/concurrency/memo.ts'

/** Whether a request asks for JSON rather than for a page (`Accept`; RFC 9110, 12.5.1). */
export const wantsJson = (request: Request): boolean =>
  kinds(request.headers.accept ?? '', () => request.accepts(['html', 'json']) === 'json')

/** The languages that a browser asks for, the best first (`Accept-Language`; RFC 9110, 12.5.4). */
export function languagesOf(request: Request): readonly string[] {
  const asked = request.headers['accept-language']
  return asked === undefined ? request.acceptsLanguages() : languages(asked, () => request.acceptsLanguages())
}

/** Browsers send few different headers. To read one takes half as long as to fill a page. */
const MOST_KEPT = 100

const kinds = memo<boolean>(MOST_KEPT)
const languages = memo<readonly string[]>(MOST_KEPT)
