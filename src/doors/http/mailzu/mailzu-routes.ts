import express, { type Request, type Router } from 'express'
import { goTo } from '../session/redirect.ts'
import { queryOf } from '../web/request-url.ts'
import { mailzuTarget } from './mailzu-target.ts'

export interface MailzuRouteDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
  /** Whether the browser has a session of an admin. */
  readonly isAdmin: (request: Request) => boolean
}

/** `/mailzu/…`: bookmarks and links in old mails lead to the pages that have replaced Mailzu's. */
export function mailzuRoutes(deps: MailzuRouteDeps): Router {
  const router = express.Router()
  router.use('/mailzu', (request, response) => {
    const script = request.path.split('/').at(-1) ?? ''
    goTo(deps, response, mailzuTarget(script, queryOf(request), deps.isAdmin(request)))
  })
  return router
}
