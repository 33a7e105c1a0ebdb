import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { CodedError } from '../../errors.ts'
import { type BearerDeps, bearer, editorOf, requireScope } from './bearer.ts'
import { openApiDocument } from './openapi.ts'
import type { Context, Operation, Reply } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { readRequest } from './read-request.ts'

export interface ApiDeps extends BearerDeps, Context {
  readonly publicUrl: string
}

export const API_PATH = '/api/v1'

/**
 * The HTTP API. Its paths are complete, because the request log names them. Failures are for `problems`.
 *
 * @param operations what it does; others for a test
 */
export function apiRouter(deps: ApiDeps, operations: readonly Operation[] = OPERATIONS): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const document = JSON.stringify(openApiDocument(operations, deps.publicUrl + API_PATH))
  const body = express.raw({ type: () => true, limit: LONGEST_BODY, inflate: false })
  const entry = bearer(deps)

  router
    .route(`${API_PATH}/openapi.json`)
    .get((_request, response) => void response.type('json').send(document))
    .options(allow('GET, HEAD, OPTIONS'))
    .all(others('GET, HEAD, OPTIONS'))
  for (const [path, some] of Map.groupBy(operations, operation => operation.path)) {
    const route = router.route(API_PATH + expressPath(path))
    for (const operation of some) {
      const reading = operation.body ? [body] : []
      route[operation.method](...entry, requireScope(operation.scope), ...reading, serve(deps, operation))
    }
    const allowed = methodsOf(some)
    route.options(allow(allowed)).all(others(allowed))
  }
  return router
}

/** Octets. The contract says 256 kB. */
const LONGEST_BODY = 256 * 1024

const serve = (context: Context, operation: Operation) => async (request: Request, response: Response) => {
  const input = readRequest(operation, request)
  send(response, await operation.handle(context, { ...input, by: editorOf(request) }))
}

function send(response: Response, { status, body, version }: Reply): void {
  if (version !== undefined) response.set('ETag', `"${version}"`)
  response.status(status ?? (body === undefined ? 204 : 200))
  if (body === undefined) response.end()
  else response.json(body)
}

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

const methodsOf = (operations: readonly Operation[]): string =>
  [
    ...operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
    'OPTIONS',
  ].join(', ')

/** No word of other origins: no page of theirs may use the API. */
const allow =
  (allowed: string): RequestHandler =>
  (_request, response) =>
    void response.set('Allow', allowed).status(204).end()

/** RFC 9110, 15.5.6. */
const others =
  (allowed: string): RequestHandler =>
  (_request, response) => {
    response.set('Allow', allowed)
    throw new CodedError('METHOD_UNKNOWN', `This address answers ${allowed}.`)
  }
