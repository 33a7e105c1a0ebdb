import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Likely, mutated, type Schema, valuesOf } from './json-arbitrary.ts'
import {
  at,
  type Described,
  DOCUMENT,
  operations,
  type Parameter,
  SERVER,
  schemaAt,
  validating,
  validatorOf,
} from './openapi-document.ts'
import { OPENAPI_FORM } from './openapi-form.ts'
import { ALICE, type ApiAnswer, BOB, type Caller, type ServedApi, servedApi } from './served-api.ts'

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
  for (const uri of references) expect(at(uri), uri).toBeDefined()
  const used = new Set(references)
  for (const kind of ['schemas', 'examples'] as const) {
    const ids = Object.keys(DOCUMENT.components[kind])
    expect(ids.filter(id => !used.has(`#/components/${kind}/${id}`))).toEqual([])
  }
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

test('the examples of requests are requests that the server understands', async () => {
  const api = await servedApi()
  await likelyWords(api)
  // What is removed may be in another example.
  const inOrder = operations().toSorted(
    (a, b) => Number(a.method === 'delete') - Number(b.method === 'delete'),
  )
  for (const one of inOrder) {
    const answer = await send(api.root, one, exampleOf(one))
    requireTold(one, answer)
    // The examples name a digest and a message that this server does not have, and a version of some time ago.
    expect([200, 201, 202, 204, 404, 409], `${one.operation.operationId} ${answer.text}`).toContain(
      answer.status,
    )
  }
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

/** The request that the examples of an operation make. A cursor belongs to one list, and conditions to one state. */
function exampleOf({ path, operation }: Described): ApiRequest {
  const given = (operation.parameters ?? []).filter(one => one.in !== 'header' && one.name !== 'cursor')
  const texts = given.map(one => ({ ...one, text: String(one.example) }))
  const body = operation.requestBody?.content['application/json']?.example
  return { path: pathOf(path, texts), body, headers: {} }
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
    return {
      path: pathOf(path, all),
      body,
      headers: Object.fromEntries(
        all.filter(one => one.in === 'header').map(one => [one.name, one.text.replace(/[^\x20-\x7e]/g, '')]),
      ),
    }
  })
}

function pathOf(path: string, given: readonly (Parameter & { readonly text: string })[]): string {
  const query = given.filter(one => one.in === 'query').map(one => [one.name, one.text] as [string, string])
  const place = (_: string, name: string) =>
    encodeURIComponent(given.find(one => one.name === name)?.text ?? '')
  return `${path.replace(/\{(\w+)\}/g, place)}?${new URLSearchParams(query)}`
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
