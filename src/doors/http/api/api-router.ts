import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import { sendFile, sendPlainText } from '../quarantine/message-policy.ts'
import { openApiDocument } from './openapi.ts'
import { OPERATIONS } from './operations.ts'
import { type BearerDeps, bearer, editorOf, requireScope, viewerOf } from './protocol/bearer.ts'
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
 * @param operations replaces the operations of the API, for tests
 */
export function apiRouter(deps: ApiDeps, operations: readonly Operation[] = OPERATIONS): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  let document: string | undefined
  const authenticate = bearer(deps)

  router
    .route(`${API_PATH}/openapi.json`)
    .get((_request, response) => {
      document ??= JSON.stringify(openApiDocument(operations, deps.publicUrl + API_PATH))
      response.type('json').send(document)
    })
    .options(allow('GET, HEAD, OPTIONS'))
    .all(others('GET, HEAD, OPTIONS'))
  const byPath = Map.groupBy(operations, operation => operation.path)
  for (const [path, operationsOfPath] of byPath) {
    const route = router.route(API_PATH + expressPath(path))
    for (const operation of operationsOfPath) {
      const readBody = operation.body ? [bodyReader(operation)] : []
      route[operation.method](...authenticate, requireScope(operation), ...readBody, serve(deps, operation))
    }
    // `/schedules/preview` is also the path of a schedule named `preview`, which takes other methods.
    if ([...byPath.keys()].some(other => matches(other, path))) continue
    const allowed = methodsOf(operationsOfPath)
    route.options(allow(allowed)).all(others(allowed))
  }
  return router
}

/** Reads the body as octets, which `readRequest` parses. */
const bodyReader = ({ longestBody }: Operation): RequestHandler =>
  express.raw({ type: () => true, limit: longestBody, inflate: false })

const serve = (context: Context, operation: Operation) => async (request: Request, response: Response) => {
  const input = readRequest(operation, request)
  send(
    response,
    await operation.handle(context, { ...input, by: editorOf(request), viewer: viewerOf(request) }),
  )
}

function send(response: Response, reply: Reply): void {
  const { status, body, version, isProblem, file, text } = reply
  if (file) return void sendFile(response, file)
  if (text !== undefined) return void sendPlainText(response, text)
  if (version !== undefined) response.set('ETag', `"${version}"`)
  response.status(status ?? (body === undefined ? 204 : 200))
  if (isProblem) response.type(PROBLEM_TYPE)
  if (body === undefined) response.end()
  else response.json(body)
}

/** Whether a path with parameters matches another path, too. */
const matches = (pattern: string, path: string): boolean =>
  pattern !== path && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/{}]+')}$`).test(path)

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

const methodsOf = (operations: readonly Operation[]): string =>
  [
    ...operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
    'OPTIONS',
  ].join(', ')

/** Answers without CORS headers, so that no page of another site can use the API. */
const allow =
  (allowed: string): RequestHandler =>
  (_request, response) =>
    void response.set('Allow', allowed).status(204).end()

/** Refuses other methods and names the allowed ones (RFC 9110, 15.5.6). */
const others =
  (allowed: string): RequestHandler =>
  (_request, response) => {
    response.set('Allow', allowed)
    throw new CodedError('METHOD_UNKNOWN', `This path takes ${allowed}.`)
  }
