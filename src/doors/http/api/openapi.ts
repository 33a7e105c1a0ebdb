import type { ErrorCode } from '../../../ground/errors.ts'
import { VERSION } from '../../../ground/version.ts'
import { componentSchemas, inlineSchema, referenceTo } from './protocol/components.ts'
import type { Operation, ReplyForm } from './protocol/operation.ts'
import { PROBLEM_TYPE, problemSchema, problemStatusOf } from './protocol/problem.ts'

/**
 * The OpenAPI 3.1 document of these operations.
 *
 * @param server the URL below which their paths are
 */
export const openApiDocument = (operations: readonly Operation[], server: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'amavis-digest',
    version: VERSION,
    license: { name: 'MIT', identifier: 'MIT' },
    description: DESCRIPTION,
  },
  servers: [{ url: server }],
  security: [{ key: [] }],
  tags: [...new Set(operations.map(({ tag }) => tag))].map(name => ({ name })),
  paths: pathsOf(operations),
  components: {
    securitySchemes: {
      key: {
        type: 'http',
        scheme: 'bearer',
        description: 'A key that "amavis-digest keys api create" has made.',
      },
    },
    schemas: componentSchemas(),
  },
})

const DESCRIPTION = `What admins tune and see, for programs. Times are ISO 8601 in UTC. Lists come in parts: where \`next\` is not null, ask again with it as \`cursor\`.
What is changed has a version: send the ETag that you got as \`If-Match\`, or \`version\` in the body, and a change that somebody else made meanwhile is not overwritten (409).
Failures are RFC 9457 problem documents with a \`code\` from a closed set. A key that was made for some domains sees and changes these only.`

function pathsOf(operations: readonly Operation[]) {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) }
  }
  return paths
}

const operationObject = (operation: Operation) => ({
  operationId: operation.operationId,
  tags: [operation.tag],
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  security: [{ key: [operation.scope] }],
  ...parametersOf(operation),
  ...(operation.body === undefined
    ? {}
    : {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: referenceTo(operation.body) } },
        },
      }),
  responses: { ...repliesOf(operation), ...problemsOf(operation) },
})

function parametersOf({ params, query, isVersioned, scope }: Operation) {
  const parameters = [
    ...Object.entries(params.shape).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema: inlineSchema(schema),
    })),
    ...Object.entries(query.shape).map(([name, schema]) => ({
      name,
      in: 'query',
      required: !schema.safeParse(undefined).success,
      schema: inlineSchema(schema),
    })),
    ...(isVersioned && scope === 'write' ? CONDITIONS : []),
  ]
  return parameters.length === 0 ? {} : { parameters }
}

const CONDITIONS = [
  {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The ETag that was given for what is changed.',
    schema: { type: 'string', pattern: '^(W/)?"[0-9]{1,10}"$' },
  },
  {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'An asterisk: nothing of this name shall be there yet.',
    schema: { type: 'string', const: '*' },
  },
]

function repliesOf({ replies, isVersioned, method }: Operation) {
  const hasVersion = isVersioned && method !== 'delete'
  return Object.fromEntries(
    Object.entries(replies).map(([status, form]) => [status, responseObject(form, hasVersion)]),
  )
}

const responseObject = ({ description, schema }: ReplyForm, hasVersion: boolean) => ({
  description,
  ...(hasVersion ? { headers: { ETag: ETAG } } : {}),
  ...(schema ? { content: { 'application/json': { schema: referenceTo(schema) } } } : {}),
})

const ETAG = { description: 'The version, for If-Match.', schema: { type: 'string' } }

/** One response for each status, which names the codes that it may carry. */
function problemsOf(operation: Operation) {
  const statuses = Map.groupBy(codesOf(operation), problemStatusOf)
  return Object.fromEntries(
    [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [
        status,
        {
          description: codes.join(', '),
          content: { [PROBLEM_TYPE]: { schema: referenceTo(problemSchema) } },
        },
      ]),
  )
}

const codesOf = ({ body, scope, problems, isVersioned }: Operation): ErrorCode[] => [
  ...new Set<ErrorCode>([
    'REQUEST_INVALID',
    ...(body ? (['BODY_UNREADABLE', 'BODY_TOO_LARGE', 'BODY_TYPE_UNKNOWN'] as const) : []),
    'API_KEY_INVALID',
    ...(scope === 'write' ? (['API_SCOPE_MISSING'] as const) : []),
    ...(isVersioned && scope === 'write' ? (['EDIT_CONFLICT'] as const) : []),
    'OUT_OF_REACH',
    'TOO_MANY_REQUESTS',
    'INTERNAL',
    'DATABASE_UNREACHABLE',
    ...problems,
  ]),
]
