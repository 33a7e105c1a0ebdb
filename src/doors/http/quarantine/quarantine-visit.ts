import type { Request, Response } from 'express'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import type { Writer } from '../web/writer.ts'

/** A request to one of the quarantine's pages, by whichever door: a reader's session, an admin's, or a link. */
export interface QuarantineVisit {
  readonly request: Request
  /** For what is no page: a message's HTML, a file, JSON. */
  readonly response: Response
  readonly viewer: Viewer
  /** The path of the list, without that of `publicUrl`: `/mail`, `/admin/held`. */
  readonly root: string
  /**
   * The path of the page that a message was opened from, if that is not `root`. @param place what that page calls its
   * place, such as `page=2&find=garden`
   */
  readonly back?: ((place: URLSearchParams) => string) | undefined
  /** What the route's path names, such as `ref`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Empty for a GET. */
  readonly form: URLSearchParams
  /** In which days begin. */
  readonly timeZone: string
  /** Answers with a page, in the frame of this audience. */
  show(view: QuarantineView, status?: number): void
  /** Answers a successful POST, with 303. @param path one of our own, which may have a query and a fragment */
  goTo(path: string): void
}

/** What a page shows, before it is written in a language. */
export interface QuarantineView {
  /** The name of its template in `templates/quarantine`. */
  readonly page: QuarantinePage
  /** Every key that the template names must be present, even if undefined. */
  readonly model: (writer: Writer) => object
  /** The page is asked for again after so many seconds, by the browser itself. */
  readonly refresh?: number | undefined
  /** The same for a program, where the audience's door answers with JSON. */
  readonly json?: object | undefined
}

export type QuarantinePage = 'list' | 'bulk-confirm' | 'bulk' | 'summary' | 'message'

export type QuarantineHandler = (visit: QuarantineVisit) => Promise<void> | void
