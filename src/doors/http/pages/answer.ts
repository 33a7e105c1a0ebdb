import type { Request, Response } from 'express'
import type { LinkToSettings, PageView } from './page-view.ts'
import type { Pages } from './pages.ts'

declare global {
  namespace Express {
    interface Locals {
      /** For whom the page is written that tells of a failure. */
      audience?: Audience
      /** The link that has led to the failure. */
      link?: LinkToSettings
    }
  }
}

export interface AnswerDeps {
  readonly pages: Pages
  readonly contact: string | undefined
  /** Of pages for a browser that asks for no language that there is. */
  readonly standardLanguage: string
  readonly clock: () => number
}

/** For whom a page is written. */
export interface Audience {
  /** BCP 47 tag; undefined: what the browser asks for. */
  readonly language?: string | undefined
  /** Where neither that nor the browser has a language that there is; undefined: that of the deps. */
  readonly standardLanguage?: string | undefined
  readonly timeZone?: string
}

/** Answers with JSON where `Accept` asks for it, otherwise with a page in the reader's language. */
export function answer(
  deps: AnswerDeps,
  request: Request,
  response: Response,
  status: number,
  content: { readonly json: object; readonly view: PageView; readonly audience?: Audience },
): void {
  response.status(status).vary('Accept')
  if (request.accepts(['html', 'json']) === 'json') {
    response.json(content.json)
    return
  }
  const { language, standardLanguage = deps.standardLanguage, timeZone } = content.audience ?? {}
  const context = {
    languages: language === undefined ? [...request.acceptsLanguages(), standardLanguage] : [language],
    timeZone: timeZone ?? 'UTC',
    now: deps.clock(),
    nonce: String(response.locals.nonce),
    contact: deps.contact,
  }
  if (language === undefined) response.vary('Accept-Language')
  response.type('html').send(deps.pages.render(content.view, context))
}

/** Browsers and proxies that look ahead say so; nothing that they fetch is a person's click. */
export const isPrefetch = (request: Request): boolean =>
  ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some(name =>
    /prefetch|prerender|preview/i.test(String(request.headers[name] ?? '')),
  )
