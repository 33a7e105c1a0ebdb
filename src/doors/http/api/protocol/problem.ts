import type { ErrorRequestHandler } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { CodedError, type ErrorCode, httpStatusOf } from '../../../../ground/errors.ts'
import { component } from './components.ts'
import { faultsIn } from './faults-in.ts'
import type { Fault } from './request-faults.ts'

/** The media type of problem documents (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json'

const faultSchema = z.object({
  pointer: z
    .string()
    .optional()
    .describe('The place in the body, as a JSON Pointer in the form of a URI fragment.'),
  parameter: z.string().optional().describe('The name of a path parameter, a query parameter or a header.'),
  detail: z.string().describe('What is wrong there.'),
})

export const problemSchema = component(
  'Problem',
  z
    .object({
      type: z.string().describe('A URN, one for each code.'),
      title: z.string().describe('The code in words.'),
      status: z.int().min(400).max(599).describe('The HTTP status.'),
      detail: z.string().describe('What happened, and what to do next.'),
      code: z
        .string()
        .regex(/^[A-Z_]+$/)
        .describe('A stable code from a closed set. Programs may compare it.'),
      errors: z.array(faultSchema).optional().describe('Everything that is wrong with the request.'),
    })
    .describe('A failure, as RFC 9457 describes it.'),
  {
    type: 'urn:amavis-digest:problem:request-invalid',
    title: 'Request invalid',
    status: 400,
    detail: 'The request does not match the OpenAPI document. See "errors".',
    code: 'REQUEST_INVALID',
    errors: [{ parameter: 'limit', detail: 'Too big: expected number to be <=100' }],
  },
)

export type ProblemDocument = z.output<typeof problemSchema>

/** Answers every failure below `/api`. Failures of the server itself go to the log. */
export const problems =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error)
    const problem = problemOf(error)
    if (problem.status >= 500) log.error({ err: error, code: problem.code }, 'request failed')
    response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
  }

/** Returns the document that describes a failure. Messages of the server's own failures stay in the log, but for a few. */
export function problemOf(error: unknown): ProblemDocument {
  const code = codeOf(error)
  const status = problemStatusOf(code)
  const isForCaller = error instanceof CodedError && (status < 500 || TOLD.has(code))
  const detail = isForCaller ? error.message : (DETAILS[code] ?? SERVER_FAILED)
  return problemDocument(code, detail, faultsIn(error))
}

/** Returns the problem document for a code. */
export const problemDocument = (
  code: ErrorCode,
  detail: string,
  errors?: readonly Fault[],
): ProblemDocument => ({
  type: `urn:amavis-digest:problem:${code.toLowerCase().replaceAll('_', '-')}`,
  title: titleOf(code),
  status: problemStatusOf(code),
  detail,
  code,
  ...(errors === undefined ? {} : { errors: [...errors] }),
})

/** A problem never has a success status: a code for which a page answers 202 is a failure here. */
export const problemStatusOf = (code: ErrorCode): number => Math.max(400, httpStatusOf(code))

const titleOf = (code: ErrorCode): string => {
  const words = code.toLowerCase().replaceAll('_', ' ').replace('api', 'API').replace('csv', 'CSV')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Express itself refuses paths that are not percent-encoded UTF-8, and bodies too large or of a wrong length. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof CodedError) return error.code
  if (error instanceof URIError) return 'REQUEST_INVALID'
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 415) return 'BODY_TYPE_UNKNOWN'
  return status >= 400 && status < 500 ? 'BODY_UNREADABLE' : 'INTERNAL'
}

/** Other programs refused, and say what to do about it. Only admins make keys of the API. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'DIRECTORY_UNREACHABLE',
  'DIRECTORY_REFUSED',
  'SENDERS_UNREACHABLE',
  'SENDERS_REFUSED',
  'LEARN_FAILED',
])

const SERVER_FAILED = "The server failed. Try again later. The server's log says why."

const DETAILS: Partial<Record<ErrorCode, string>> = {
  REQUEST_INVALID: 'The path is not percent-encoded UTF-8.',
  BODY_TOO_LARGE: 'The body is too large.',
  BODY_TYPE_UNKNOWN: 'The body must be application/json in UTF-8, not compressed.',
  BODY_UNREADABLE: 'The body could not be read.',
}
