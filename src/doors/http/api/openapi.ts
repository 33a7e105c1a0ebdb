import type { z } from 'zod'
import { VERSION } from '../../../ground/version.ts'
import { componentSchemas, describedSchema, exampleOf, referenceTo } from './protocol/components.ts'
import type { Operation, ReplyForm } from './protocol/operation.ts'
import { PROBLEM_TYPE, problemDocument, problemSchema, problemStatusOf } from './protocol/problem.ts'
import { PROBLEM_WORDS, type ProblemCode } from './protocol/problem-words.ts'
import { TAGS } from './protocol/tags.ts'

/**
 * Returns the OpenAPI 3.1 document of these operations.
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
  tags: [...new Set(operations.map(({ tag }) => tag))].map(name => ({ name, description: TAGS[name] })),
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
    examples: problemExamples(operations),
  },
})

const DESCRIPTION = [
  'Shows and changes what admins see and change on their pages, for programs.',
  'Times are ISO 8601 in UTC.',
  'Lists come in pages. If `next` is not null, ask again with its value as `cursor`.',
  'Things that can be changed have a version. Send the `ETag` that you got as `If-Match`, or `version` in the body.',
  'If somebody else changed the thing meanwhile, nothing is overwritten and the answer is 409.',
  'Failures are RFC 9457 problem documents. Their `code` is from a closed set.',
  'A key for some domains sees and changes only what belongs to readers of these domains. Of held mail it sees what has a recipient there.',
].join('\n')

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
  security: [operation.scope, operation.orScope].flatMap(scope => (scope ? [{ key: [scope] }] : [])),
  ...parametersOf(operation),
  ...(operation.body === undefined
    ? {}
    : {
        requestBody: {
          required: !operation.isBodyOptional,
          content: jsonOf(operation.body),
        },
      }),
  responses: { ...repliesOf(operation), ...problemsOf(operation) },
})

function parametersOf({ params, query, isVersioned, scope }: Operation) {
  const parameters = [
    ...Object.entries<z.ZodType>(params.shape).map(([name, schema]) => parameterOf(name, 'path', schema)),
    ...Object.entries<z.ZodType>(query.shape).map(([name, schema]) => parameterOf(name, 'query', schema)),
    ...(isVersioned && scope === 'write' ? CONDITIONS : []),
  ]
  return parameters.length === 0 ? {} : { parameters }
}

/** OpenAPI puts the description and the example of a parameter beside its schema. */
const parameterOf = (name: string, place: 'path' | 'query', schema: z.ZodType) => ({
  name,
  in: place,
  required: place === 'path' || !schema.safeParse(undefined).success,
  ...describedSchema(schema),
})

const CONDITIONS = [
  {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` of what you read. The change applies only if nobody else changed it since.',
    example: '"3"',
    schema: { type: 'string', pattern: '^(W/)?"[0-9]{1,10}"$' },
  },
  {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'An asterisk. The change applies only if nothing is there yet.',
    example: '*',
    schema: { type: 'string', const: '*' },
  },
]

function repliesOf({ replies, isVersioned, method }: Operation) {
  const hasVersion = isVersioned && method !== 'delete'
  return Object.fromEntries(
    Object.entries(replies).map(([status, form]) => [status, responseObject(form, hasVersion)]),
  )
}

const responseObject = ({ description, schema, example, file }: ReplyForm, hasVersion: boolean) => ({
  description,
  ...(hasVersion ? { headers: { ETag: ETAG } } : {}),
  ...(schema ? { content: jsonOf(schema, example) } : {}),
  // Without a schema: octets (OpenAPI 3.1, "Considerations for File Uploads").
  ...(file === undefined ? {} : { content: { [file]: {} } }),
})

const jsonOf = (schema: z.ZodType, example: unknown = exampleOf(schema)) => ({
  'application/json': { schema: referenceTo(schema), example },
})

const ETAG = { description: 'The version, for `If-Match`.', schema: { type: 'string' } }

/** One response for each status, with the codes that it may carry. */
function problemsOf(operation: Operation) {
  const statuses = Map.groupBy(codesOf(operation), problemStatusOf)
  return Object.fromEntries(
    [...statuses].sort(([a], [b]) => a - b).map(([status, codes]) => [status, problemResponse(codes)]),
  )
}

const problemResponse = (codes: readonly ProblemCode[]) => ({
  description: codes.map(code => `- \`${code}\`: ${PROBLEM_WORDS[code]}`).join('\n'),
  content: {
    [PROBLEM_TYPE]: {
      schema: referenceTo(problemSchema),
      examples: Object.fromEntries(codes.map(code => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
})

/** An example of each problem that these operations can return. */
function problemExamples(operations: readonly Operation[]) {
  const codes = [...new Set(operations.flatMap(codesOf))].sort()
  return Object.fromEntries(codes.map(code => [code, { value: problemExample(code) }]))
}

const problemExample = (code: ProblemCode) =>
  code === 'REQUEST_INVALID' ? exampleOf(problemSchema) : problemDocument(code, PROBLEM_WORDS[code])

const codesOf = ({ body, scope, problems, isVersioned }: Operation): ProblemCode[] => [
  ...new Set<ProblemCode>([
    'REQUEST_INVALID',
    ...(body ? (['BODY_UNREADABLE', 'BODY_TOO_LARGE', 'BODY_TYPE_UNKNOWN'] as const) : []),
    'API_KEY_INVALID',
    'API_SCOPE_MISSING',
    ...(isVersioned && scope === 'write' ? (['EDIT_CONFLICT'] as const) : []),
    'OUT_OF_REACH',
    'TOO_MANY_REQUESTS',
    'INTERNAL',
    'DATABASE_UNREACHABLE',
    ...problems,
  ]),
]
