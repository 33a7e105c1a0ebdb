import type { Request, RequestHandler, Response } from 'express'
import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import type { Reader } from '../../../rules/reach/readers.ts'
import type { ReaderViewer } from '../../../rules/reach/viewer.ts'
import { actorOf, asReader } from '../../../rules/reach/visitor.ts'
import type { PageLanguage } from '../../../work/settings/read-settings.ts'
import type { Session } from '../session/guard.ts'
import { goTo } from '../session/redirect.ts'
import { fieldsOf } from '../web/form.ts'
import { queryOf } from '../web/request-url.ts'
import { MAIL_SECTIONS, type MailPages, type MailSection, type MailView } from './mail-pages.ts'

/** A request of a signed-in reader. For a POST, the form has been verified as ours. */
export interface MailVisit {
  readonly request: Request
  readonly response: Response
  readonly reader: Reader
  /** For the use-cases. */
  readonly viewer: ReaderViewer
  /** The reader's own. */
  readonly timeZone: string
  readonly query: URLSearchParams
  /** Empty for a GET. */
  readonly form: URLSearchParams
  /** Answers with a page. */
  show(view: MailView, status?: number): void
  /** Answers a successful POST: redirects to one of our pages (`/mail`), which says what was done (`?done=…`). */
  goTo(path: string, done?: string): void
}

export type MailHandler = (visit: MailVisit) => Promise<void> | void

export interface MailVisitDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  readonly mailPages: MailPages
  readonly senders: SenderDesk
  /** The language and time zone that apply to a reader. */
  readonly pageLanguage: (reader: string) => Promise<PageLanguage>
  /** Used when a browser asks for no language that has a translation. */
  readonly standardLanguage: string
  /** In which times are shown to somebody who has not signed in. */
  readonly timeZone: string
  readonly contact: string | undefined
  readonly clock: () => number
}

declare global {
  namespace Express {
    interface Locals {
      /** Undefined until a signed-in reader has been recognised. */
      readerSession?: Session<Reader>
      /** Undefined until it has been read for that reader. */
      readerLanguage?: PageLanguage
    }
  }
}

/** Turns a handler of visits into one of requests. */
export const mailHandler =
  (deps: MailVisitDeps, handle: MailHandler): RequestHandler =>
  async (request, response) => {
    const { person: reader } = readerSessionOf(response)
    const language = await deps.pageLanguage(reader.address)
    response.locals.readerLanguage = language
    await handle({
      request,
      response,
      reader,
      viewer: viewerOf(reader, request.ip ?? null),
      timeZone: language.timeZone,
      query: queryOf(request),
      form: await fieldsOf(request),
      show: (view, status = 200) => show(deps, request, response, view, status),
      goTo: (path, done) => goTo(deps, response, path, done),
    })
  }

/** Answers with a page, whether or not somebody is signed in. */
export function show(
  deps: MailVisitDeps,
  request: Request,
  response: Response,
  view: MailView,
  status: number,
): void {
  const { readerSession, readerLanguage } = response.locals
  const { language, standardLanguage = deps.standardLanguage, timeZone, phrase } = readerLanguage ?? {}
  const html = deps.mailPages.render(view, {
    languages: language === undefined ? [...request.acceptsLanguages(), standardLanguage] : [language],
    timeZone: timeZone ?? deps.timeZone,
    now: deps.clock(),
    nonce: String(response.locals.nonce),
    base: deps.basePath,
    reader: readerSession?.person,
    maySignOut: readerSession?.isByProxy === false,
    sections: sectionsFor(deps, readerSession?.person),
    formToken: readerSession?.formToken ?? view.formToken,
    phrase,
    contact: deps.contact,
  })
  response.status(status).vary('Accept-Language').type('html').send(html)
}

/** Who keeps no lists has no page of them. */
function sectionsFor({ senders }: MailVisitDeps, reader: Reader | undefined): readonly MailSection[] {
  const keepsLists = reader !== undefined && senders.mayUse(viewerOf(reader, null))
  return MAIL_SECTIONS.filter(name => name !== 'senders' || keepsLists)
}

function viewerOf({ address }: Reader, remoteAddress: string | null): ReaderViewer {
  const visitor = asReader(address)
  return { as: 'reader', visitor, actor: actorOf(visitor, remoteAddress) }
}

/** @throws TypeError if `requireSession` has not run: a mistake in the program */
export function readerSessionOf(response: Response): Session<Reader> {
  const { readerSession } = response.locals
  if (!readerSession) throw new TypeError('requireSession has not run for this request')
  return readerSession
}
