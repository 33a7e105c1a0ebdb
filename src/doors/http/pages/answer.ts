import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import type { PagePart } from '../web/constant-texts.ts'
import { languagesOf, wantsJson } from '../web/negotiation.ts'
import type { LinkToSettings, PageView } from './page-view.ts'
import type { Pages } from './pages.ts'

declare global {
  namespace Express {
    interface Locals {
      /** For whom an error page is written. */
      audience?: Audience
      /** The link that the request came by. */
      link?: LinkToSettings
      /** Where the page for an expired link asks for a fresh digest: a path. */
      fresh?: string
    }
  }
}

export interface AnswerDeps {
  readonly pages: Pages
  readonly contact: string | undefined
  /** Used when a browser asks for no language that has a translation. */
  readonly standardLanguage: string
  readonly clock: () => number
}

/** For whom a page is written. */
export interface Audience {
  /** BCP 47 tag. Undefined: the language that the browser asks for. */
  readonly language?: string | undefined
  /** Used when neither has a translation. Undefined: `standardLanguage` of the deps. */
  readonly standardLanguage?: string | undefined
  readonly timeZone?: string
  /** The reader's own words. */
  readonly phrase?: string | undefined
}

/** Answers with JSON if `Accept` asks for it, otherwise with a page in the reader's language. */
export function answer(
  deps: AnswerDeps,
  request: Request,
  response: Response,
  status: number,
  content: { readonly json: object; readonly view: PageView; readonly audience?: Audience },
): void {
  response.status(status)
  if (wantsJson(request)) {
    response.vary('Accept').json(content.json)
    return
  }
  const { language, standardLanguage = deps.standardLanguage, timeZone, phrase } = content.audience ?? {}
  const context = {
    languages: language === undefined ? [...languagesOf(request), standardLanguage] : [language],
    timeZone: timeZone ?? 'UTC',
    now: deps.clock(),
    nonce: String(response.locals.nonce),
    phrase,
    contact: deps.contact,
  }
  response.vary(language === undefined ? 'Accept, Accept-Language' : 'Accept')
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  sendParts(response, deps.pages.parts(content.view, context))
}

/** Head and parts go out by one write: most of a page never changes, and is not copied into one. */
function sendParts(response: Response, parts: readonly PagePart[]): void {
  response.setHeader(
    'Content-Length',
    parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
  )
  response.cork()
  for (const part of parts) response.write(part)
  response.end()
}

/** Whether a request may be a person who looks at a page: not one for its headers alone, nor one in advance. */
export const isLook = (request: Request): boolean => request.method !== 'HEAD' && !isPrefetch(request)

/** Browsers and proxies mark the requests that they make in advance. None of these is a person's click. */
export const isPrefetch = (request: IncomingMessage): boolean =>
  ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some(name =>
    /prefetch|prerender|preview/i.test(String(request.headers[name] ?? '')),
  )
