import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import { openApiDocument } from './openapi.ts'
import { OPERATIONS } from './operations.ts'
import { type BearerDeps, bearer, editorOf, requireScope } from './protocol/bearer.ts'
import type { Context, Operation, Reply } from './protocol/operation.ts'
import { PROBLEM_TYPE } from './protocol/problem.ts'
import { readRequest } from './protocol/read-request.ts'

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
  let document: string | undefined
  const entry = bearer(deps)

  router
    .route(`${API_PATH}/openapi.json`)
    .get((_request, response) => {
      document ??= JSON.stringify(openApiDocument(operations, deps.publicUrl + API_PATH))
      response.type('json').send(document)
    })
    .options(allow('GET, HEAD, OPTIONS'))
    .all(others('GET, HEAD, OPTIONS'))
  const byPath = Map.groupBy(operations, operation => operation.path)
  for (const [path, some] of byPath) {
    const route = router.route(API_PATH + expressPath(path))
    for (const operation of some) {
      const reading = operation.body ? [bodyOf(operation)] : []
      route[operation.method](...entry, requireScope(operation.scope), ...reading, serve(deps, operation))
    }
    // Other methods may be meant for something of this name.
    if ([...byPath.keys()].some(other => takes(other, path))) continue
    const allowed = methodsOf(some)
    route.options(allow(allowed)).all(others(allowed))
  }
  return router
}

/** As octets: what they are is looked at where they are read. */
const bodyOf = ({ longestBody }: Operation): RequestHandler =>
  express.raw({ type: () => true, limit: longestBody, inflate: false })

const serve = (context: Context, operation: Operation) => async (request: Request, response: Response) => {
  const input = readRequest(operation, request)
  send(response, await operation.handle(context, { ...input, by: editorOf(request) }))
}

function send(response: Response, { status, body, version, isProblem }: Reply): void {
  if (version !== undefined) response.set('ETag', `"${version}"`)
  response.status(status ?? (body === undefined ? 204 : 200))
  if (isProblem) response.type(PROBLEM_TYPE)
  if (body === undefined) response.end()
  else response.json(body)
}

/** Whether a path with places for names takes one that is written out, too. */
const takes = (pattern: string, path: string): boolean =>
  pattern !== path && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/{}]+')}$`).test(path)

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
