import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openApiDocument } from '../../../../src/doors/http/api/openapi.ts'
import { OPERATIONS } from '../../../../src/doors/http/api/operations.ts'
import { type Likely, mutated, type Schema, valuesOf } from './json-arbitrary.ts'
import { OPENAPI_FORM } from './openapi-form.ts'
import { ALICE, type ApiAnswer, BOB, type Caller, type ServedApi, servedApi } from './served-api.ts'

const SERVER = 'https://quarantine.example.com/api/v1'

// As whoever reads it gets it.
const DOCUMENT: Document = JSON.parse(JSON.stringify(openApiDocument(OPERATIONS, SERVER)))

test('the document is served to anybody, as it is made', async () => {
  const { ask } = await servedApi()
  const answer = await ask('/openapi.json')
  expect(answer).toMatchObject({ status: 200, json: { openapi: '3.1.0', servers: [{ url: SERVER }] } })
  expect(answer.json).toEqual(DOCUMENT)
})

test('the document has the form that OpenAPI 3.1 prescribes', () => {
  const isOpenApi = validating().compile(OPENAPI_FORM)
  isOpenApi(DOCUMENT)
  expect(isOpenApi.errors).toBeNull()
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = DOCUMENT.tags.map(({ name }) => name)
  for (const { path, operation } of operations()) {
    expect(tags).toEqual(expect.arrayContaining([...operation.tags]))
    const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(operation.parameters?.filter(one => one.in === 'path').map(one => one.name) ?? []).toEqual(places)
  }
})

test('all that the document refers to is there, and all schemas are schemas', () => {
  const references = [...JSON.stringify(DOCUMENT).matchAll(/"\$ref":"([^"]+)"/g)].map(([, uri]) => uri ?? '')
  for (const uri of references) expect(schemaAt(uri), uri).toBeDefined()
  const used = new Set(references)
  const unused = Object.keys(DOCUMENT.components.schemas).filter(
    id => !used.has(`#/components/schemas/${id}`),
  )
  expect(unused).toEqual([])
  for (const id of Object.keys(DOCUMENT.components.schemas)) validatorOf(`#/components/schemas/${id}`)
})

test('each operation asks for a key, and each change for one that may write', () => {
  expect(DOCUMENT.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' })
  for (const { method, path, operation } of operations()) {
    const isRead = method === 'get' || path === '/schedules/preview'
    expect(operation.security, `${method} ${path}`).toEqual([{ key: [isRead ? 'read' : 'write'] }])
  }
})

test('the page about the API lists what it does, no more and no less', () => {
  const page = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `([A-Z]+ \/\S+)` \|/gm)].map(([, what]) => what)
  const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(listed.toSorted()).toEqual(described.toSorted())
})

test('whatever is asked, the answer is one that the document tells of, and none is a failure of ours', {
  timeout: 60_000,
}, async () => {
  const api = await servedApi()
  const likely = await likelyWords(api)
  const succeeded = new Set<string>()
  for (const one of operations()) {
    const property = fc.asyncProperty(requestsTo(one, likely), fc.boolean(), async (request, isLocal) => {
      const answer = await send(isLocal ? api.local : api.root, one, request)
      requireTold(one, answer)
      // Who looks after example.com hears of no other domain but those that were asked for.
      if (isLocal && !JSON.stringify(request).includes('example.org')) {
        expect(answer.text).not.toContain('example.org')
      }
      if (answer.status < 300) succeeded.add(one.operation.operationId)
    })
    await fc.assert(property, { numRuns: RUNS, seed: 20_260_311 })
  }
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(ids.filter(id => !succeeded.has(id))).toEqual([])
})

/** For each operation. */
const RUNS = 12

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly tags: readonly { readonly name: string }[]
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, object>>
  }
}

interface OperationObject {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>

interface Described {
  readonly method: string
  readonly path: string
  readonly operation: OperationObject
}

function operations(): Described[] {
  return Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
}

function schemaAt(uri: string): Schema {
  const schema = DOCUMENT.components.schemas[uri.replace('#/components/schemas/', '')]
  if (!schema) throw new Error(`there is no ${uri}`)
  return schema
}

/** What exists in the program that is asked. */
async function likelyWords({ root, holdMail }: ServedApi): Promise<Likely> {
  await holdMail()
  await root.call('PUT', '/schedules/weekdays', { cron: ['0 7 * * 1-5'], timezone: 'reader' })
  await root.call('POST', `/readers/${ALICE}/send-now`)
  const [digest] = (await root.call('GET', '/digests')).json.items
  const { messages } = (await root.call('GET', `/digests/${digest.id}`)).json
  const { mailId } = messages[0]
  await root.call('POST', '/releases', { mailId, recipient: ALICE })
  const [release] = (await root.call('GET', '/releases')).json.items
  const { next } = (await root.call('GET', '/audit?limit=1')).json
  return {
    name: ['daily', 'weekdays', 'fresh'],
    address: [ALICE, BOB, 'nobody@example.com'],
    scope: [ALICE, BOB, '@example.com', '@'],
    reader: [ALICE, '@example.com'],
    recipient: [ALICE, BOB],
    recipients: [[ALICE], [ALICE, BOB]],
    id: [digest.id, release.id],
    mailId: [mailId],
    cron: [['0 6 * * *'], ['*/10 * * * *', '0 12 1 * *']],
    timezone: ['Europe/Paris', 'UTC'],
    spread: ['0s', '30m'],
    filter: [null, { kinds: ['spam'], minScore: 5 }],
    pausedUntil: [null, 'forever', '2027-01-01T00:00:00Z'],
    schedule: ['daily'],
    schedules: [['daily'], ['weekdays', 'daily']],
    language: ['de', 'en'],
    deliverTo: ['elsewhere@example.com'],
    cursor: [next],
    // Left out: any other one is a conflict.
    version: [undefined],
    'If-Match': ['"0"'],
  }
}

interface ApiRequest {
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** Requests as the document describes them, and some with a mistake in them. */
function requestsTo({ path, operation }: Described, likely: Likely): fc.Arbitrary<ApiRequest> {
  const values = (schema: Schema, name: string) =>
    fc.oneof(
      {
        arbitrary: valuesOf(
          { type: 'object', properties: { [name]: schema }, required: [name] },
          schemaAt,
          likely,
        ),
        weight: 5,
      },
      {
        arbitrary: fc.record({ [name]: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) }),
        weight: 1,
      },
    )
  const parts = (operation.parameters ?? []).map(one => {
    const given = values(one.schema, one.name).map(value => ({ ...one, text: textOf(value, one.name) }))
    if (one.required) return given
    const nothing = { arbitrary: fc.constant(undefined), weight: one.in === 'header' ? 5 : 1 }
    return fc.oneof(nothing, { arbitrary: given, weight: 1 })
  })
  const schema = operation.requestBody?.content['application/json']?.schema
  const bodies = schema
    ? valuesOf(schema, schemaAt, likely).chain(value =>
        fc.oneof({ arbitrary: fc.constant(value), weight: 3 }, { arbitrary: mutated(value), weight: 2 }),
      )
    : fc.constant(undefined)
  return fc.tuple(fc.tuple(...parts), bodies).map(([given, body]) => {
    const all = given.filter(one => one !== undefined)
    const query = all.filter(one => one.in === 'query').map(one => [one.name, one.text] as [string, string])
    const place = (_: string, name: string) =>
      encodeURIComponent(all.find(one => one.name === name)?.text ?? '')
    return {
      path: `${path.replace(/\{(\w+)\}/g, place)}?${new URLSearchParams(query)}`,
      body,
      headers: Object.fromEntries(
        all.filter(one => one.in === 'header').map(one => [one.name, one.text.replace(/[^\x20-\x7e]/g, '')]),
      ),
    }
  })
}

const textOf = (value: unknown, name: string): string =>
  String((value as Readonly<Record<string, unknown>>)[name]).toWellFormed()

const send = (
  caller: Caller,
  { method }: Described,
  { path, body, headers }: ApiRequest,
): Promise<ApiAnswer> => caller.call(method.toUpperCase(), path, body, headers)

/** Fails for an answer of which the document says nothing. */
function requireTold({ operation }: Described, { status, text, json, headers }: ApiAnswer): void {
  const told = operation.responses[status]
  expect(told, `${status} ${text}`).toBeDefined()
  expect(status, text).toBeLessThan(500)
  const [content] = Object.entries(told?.content ?? {})
  if (!content) {
    expect(text).toBe('')
    return
  }
  const [type, { schema }] = content
  expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`)
  const isValid = validatorOf(schema.$ref)
  expect(isValid(json) ? [] : isValid.errors, text.slice(0, 500)).toEqual([])
}

const validators = new Map<string, ValidateFunction>()

function validatorOf(uri: string): ValidateFunction {
  const known = validators.get(uri) ?? ajv.compile({ $ref: `https://example.com/document${uri}` })
  validators.set(uri, known)
  return known
}

const validating = () => addFormats.default(new Ajv2020({ strict: false, allErrors: true }))

const ajv = validating()
ajv.addSchema({ $id: 'https://example.com/document', ...closed(DOCUMENT) })

/** The same with nothing in an answer that is not described: callers may meet more, ours shall not happen to give it. */
function closed<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(closed) as Value
  if (typeof value !== 'object' || value === null) return value
  const parts = Object.entries(value).map(([name, part]) => [name, closed(part)] as const)
  const isOpen = 'properties' in value && 'type' in value && !('additionalProperties' in value)
  return Object.fromEntries([...parts, ...(isOpen ? [['additionalProperties', false]] : [])]) as Value
}
