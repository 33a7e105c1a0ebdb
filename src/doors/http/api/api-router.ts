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
 * Returns the router of the HTTP API. Its paths are complete, because the request log names them. It leaves failures to
 * `problems`.
 *
 * @param operations what the API does; a test may have others
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
    // `/schedules/preview` is also the path of a schedule of this name, which takes other methods.
    if ([...byPath.keys()].some(other => takes(other, path))) continue
    const allowed = methodsOf(some)
    route.options(allow(allowed)).all(others(allowed))
  }
  return router
}

/** Keeps the body as octets, which `readRequest` reads. */
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

/** Whether a path with parameters matches another path, too. */
const takes = (pattern: string, path: string): boolean =>
  pattern !== path && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/{}]+')}$`).test(path)

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

const methodsOf = (operations: readonly Operation[]): string =>
  [
    ...operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
    'OPTIONS',
  ].join(', ')

/** Allows no other origin, so that no page of another site can use the API (CORS). */
const allow =
  (allowed: string): RequestHandler =>
  (_request, response) =>
    void response.set('Allow', allowed).status(204).end()

/** Refuses other methods and names those that there are (RFC 9110, 15.5.6). */
const others =
  (allowed: string): RequestHandler =>
  (_request, response) => {
    response.set('Allow', allowed)
    throw new CodedError('METHOD_UNKNOWN', `This path takes ${allowed}.`)
  }
