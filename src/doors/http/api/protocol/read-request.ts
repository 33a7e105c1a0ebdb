import type { Request } from 'express'
import type { z } from 'zod'
import { oncePerOwner } from '../../../../ground/concurrency/once.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { inlineSchema } from './components.ts'
import type { Input, Operation } from './operation.ts'
import { type Fault, faultsOf, RequestFaults } from './request-faults.ts'

/**
 * Reads path, query, headers and body with the schemas of the operation.
 *
 * @throws CodedError REQUEST_INVALID, BODY_UNREADABLE, BODY_TYPE_UNKNOWN
 */
export function readRequest(operation: Operation, request: Request): Omit<Input, 'by' | 'viewer'> {
  const faults: Fault[] = []
  const params = check(operation.params, request.params, 'parameters', faults)
  const query = check(operation.query, queryOf(request.url, operation.query, faults), 'parameters', faults)
  const body = operation.body && check(operation.body, bodyOf(operation, request), 'body', faults)
  const expected =
    operation.isVersioned && operation.scope === 'write' ? expectedVersion(request, faults) : undefined
  const version = versionIn(body)
  if (version !== undefined && expected !== undefined && version !== expected) faults.push(TWO_VERSIONS)
  if (faults.length > 0) throw new RequestFaults(faults)
  return { params, query, body, expected: version ?? expected }
}

function check(schema: z.ZodType, value: unknown, where: 'body' | 'parameters', faults: Fault[]): unknown {
  const read = schema.safeParse(value)
  if (!read.success) faults.push(...faultsOf(read.error, where))
  return read.data
}

/** Accepts each name once. Converts numbers and booleans where the schema, and so the document, expects them. */
function queryOf(url: string, schema: z.ZodObject, faults: Fault[]): Readonly<Record<string, unknown>> {
  const mark = url.indexOf('?')
  const entries = mark < 0 ? [] : [...new URLSearchParams(url.slice(mark + 1))]
  const names = new Set(entries.map(([name]) => name))
  if (names.size < entries.length) faults.push({ parameter: 'query', detail: 'expected each name once' })
  // In a map, `__proto__` and `constructor` are names like any other.
  const shape = new Map(Object.entries<unknown>(schema.shape))
  return Object.fromEntries(entries.map(([name, text]) => [name, typed(text, shape.get(name))]))
}

function typed(text: string, schema: unknown): unknown {
  if (schema === undefined) return text
  const type = typeOf(schema as z.ZodType)
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text))
    return Number(text)
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true'
  return text
}

/** Returns the type that the OpenAPI document gives to a parameter. */
const typeOf = oncePerOwner((schema: z.ZodType) => String(inlineSchema(schema).type))

function bodyOf({ isBodyOptional }: Operation, request: Request): unknown {
  const { body } = request as { readonly body?: Buffer }
  return isBodyOptional && !body?.length ? {} : jsonOf(request)
}

function jsonOf(request: Request): unknown {
  const { body } = request as { readonly body: unknown }
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(request.headers['content-type'] ?? '')) {
    throw new CodedError('BODY_TYPE_UNKNOWN', 'The body must be application/json in UTF-8.')
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer))
  } catch (error) {
    throw new CodedError('BODY_UNREADABLE', 'The body is not JSON in UTF-8.', { cause: error })
  }
}

/** Reads `If-Match: "3"`, or `If-None-Match: *` for something that must not exist yet. */
function expectedVersion(request: Request, faults: Fault[]): number | undefined {
  const match = request.headers['if-match']
  const none = request.headers['if-none-match']
  if (none !== undefined) {
    if (none.trim() === '*' && match === undefined) return 0
    faults.push({
      parameter: 'If-None-Match',
      detail: 'expected * and no If-Match: nothing may be there yet',
    })
    return undefined
  }
  if (match === undefined) return undefined
  // A proxy that compresses answers makes the tag weak.
  const version = /^(?:W\/)?"(\d{1,10})"$/.exec(match.trim())?.[1]
  if (version === undefined) {
    faults.push({ parameter: 'If-Match', detail: 'expected the ETag of an answer, such as "3"' })
  }
  return version === undefined ? undefined : Number(version)
}

const TWO_VERSIONS = {
  pointer: '#/version',
  detail: 'expected the same version as in If-Match or If-None-Match, or none',
}

/** Clients that cannot set headers send the version in the body. */
function versionIn(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('version' in body)) return undefined
  return typeof body.version === 'number' ? body.version : undefined
}
