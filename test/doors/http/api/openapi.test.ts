import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { parseHeldRef } from '../../../../src/work/collect/held-ref.ts'
import { fileRequest, makeSenderTables } from '../filed.ts'
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

test('the document is served to everybody, exactly as generated', async () => {
  const { ask } = await servedApi()
  const answer = await ask('/openapi.json')
  expect(answer).toMatchObject({ status: 200, json: { openapi: '3.1.0', servers: [{ url: SERVER }] } })
  expect(answer.json).toEqual(DOCUMENT)
})

test('the document is valid OpenAPI 3.1', () => {
  const isOpenApi = validating().compile(OPENAPI_FORM)
  isOpenApi(DOCUMENT)
  expect(isOpenApi.errors).toBeNull()
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = DOCUMENT.tags.map(({ name }) => name)
  for (const { path, operation } of operations()) {
    expect(tags).toEqual(expect.arrayContaining([...operation.tags]))
    const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const pathParameters = operation.parameters?.filter(parameter => parameter.in === 'path') ?? []
    expect(pathParameters.map(({ name }) => name)).toEqual(places)
  }
})

test('every reference resolves, and every schema compiles', () => {
  const references = [...JSON.stringify(DOCUMENT).matchAll(/"\$ref":"([^"]+)"/g)].map(([, uri]) => uri ?? '')
  for (const uri of references) expect(at(uri), uri).toBeDefined()
  const used = new Set(references)
  for (const kind of ['schemas', 'examples'] as const) {
    const ids = Object.keys(DOCUMENT.components[kind])
    expect(ids.filter(id => !used.has(`#/components/${kind}/${id}`))).toEqual([])
  }
  for (const id of Object.keys(DOCUMENT.components.schemas)) validatorOf(`#/components/schemas/${id}`)
})

test('each operation requires a key: each change one that may write, and mail, requests and lists one of their own scopes', () => {
  expect(DOCUMENT.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' })
  for (const { method, path, operation } of operations()) {
    const scopes = scopesFor(method, path).map(scope => ({ key: [scope] }))
    expect(operation.security, `${method} ${path}`).toEqual(scopes)
  }
})

function scopesFor(method: string, path: string): string[] {
  if (path.startsWith('/requests')) return ['requests:decide']
  if (path.startsWith('/senders')) return method === 'get' ? ['senders:write', 'read'] : ['senders:write']
  return [scopeFor(method, path)]
}

function scopeFor(method: string, path: string): string {
  const isRead = method === 'get' || path === '/schedules/preview'
  if (!/^\/held(?:\/|$)/.test(path)) return isRead ? 'read' : 'write'
  if (/\/(?:headers|source|attachments\/\{index\})$/.test(path)) return 'held:download'
  return isRead && !path.includes('/bulk') ? 'held:read' : 'held:release'
}

test('docs/api.md lists exactly the operations of the document', () => {
  const page = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `([A-Z]+ \/\S+)` \|/gm)].map(([, what]) => what)
  const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(listed.toSorted()).toEqual(described.toSorted())
})

test('the server understands the example requests', async () => {
  const api = await servedApi(WITH_LISTS)
  await likelyWords(api)
  // Deletions come last, because other examples may need what they remove.
  const inOrder = operations().toSorted(
    (a, b) => Number(a.method === 'delete') - Number(b.method === 'delete'),
  )
  for (const described of inOrder) {
    const answer = await send(api.root, described, exampleOf(described))
    requireDocumented(described, answer)
    // The examples name a digest and a message that this server does not have, and an old version.
    expect([200, 201, 202, 204, 404, 409], `${described.operation.operationId} ${answer.text}`).toContain(
      answer.status,
    )
  }
})

test('every answer to any request is documented, and none is a failure of the server', {
  timeout: 60_000,
}, async () => {
  const api = await servedApi(WITH_LISTS)
  const likely = await likelyWords(api)
  const succeeded = new Set<string>()
  for (const described of operations()) {
    const requests = requestsTo(described, likelyFor(described, likely))
    const property = fc.asyncProperty(requests, fc.boolean(), async (request, isLocal) => {
      const answer = await send(isLocal ? api.local : api.root, described, request)
      requireDocumented(described, answer)
      // A key for example.com learns of no other domain, unless the request names it.
      if (isLocal && !JSON.stringify(request).includes('example.org')) {
        expect(answer.text).not.toContain('example.org')
      }
      if (answer.status < 300) succeeded.add(described.operation.operationId)
    })
    await fc.assert(property, { numRuns: RUNS, seed: 20_260_311 })
  }
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(ids.filter(id => !succeeded.has(id))).toEqual([])
})

/** The same ids are chosen for both decisions, and a request is decided once. */
function likelyFor({ path }: Described, likely: Likely): Likely {
  if (!path.startsWith('/requests')) return likely
  return { ...likely, id: path.endsWith('/refuse') ? REQUESTS.slice(0, 12) : REQUESTS.slice(12) }
}

/** As another program does: no amavisd is there to release it. */
async function markReleased({ database }: ServedApi, ref: string): Promise<void> {
  const mailId = parseHeldRef(ref)?.mailId ?? ''
  await database.storage.sql.updateTable('msgrcpt').set({ rs: 'R' }).where('mail_id', '=', mailId).execute()
}

/** Requests for each operation. */
const RUNS = 18

/** A filter that learns whatever it is told. */
const WITH_LISTS = {
  senders: { kind: 'amavis' },
  learn: { kind: 'sa-learn', command: '/bin/true' },
} as const

const REQUESTS = Array.from({ length: 24 }, (_, number) => String(number).padStart(25, '0'))

/** Creates a few things, and returns the values that name them. */
async function likelyWords(api: ServedApi): Promise<Likely> {
  const { root, holdMail, time } = api
  await holdMail()
  await holdMail()
  await makeSenderTables(api)
  await root.call('PUT', '/schedules/weekdays', { cron: ['0 7 * * 1-5'], timezone: 'reader' })
  await root.call('POST', `/readers/${ALICE}/send-now`)
  const [digest] = (await root.call('GET', '/digests')).json.items
  const { messages } = (await root.call('GET', `/digests/${digest.id}`)).json
  const { mailId } = messages[0]
  await root.call('POST', '/releases', { mailId, recipient: ALICE })
  const [release] = (await root.call('GET', '/releases')).json.items
  const { next } = (await root.call('GET', '/audit?limit=1')).json
  const { held } = (await root.call('GET', '/held')).json
  const refs: string[] = held.map(({ ref }: { ref: string }) => ref)
  const bulk = (await root.call('POST', '/held/bulk', { act: 'delete', refs })).json
  const [released = ''] = refs
  await markReleased(api, released)
  for (const id of REQUESTS) await fileRequest(api, { id, recipient: ALICE, receivedAt: time.now - MINUTE })
  return {
    name: ['daily', 'weekdays', 'fresh'],
    address: [ALICE, BOB, 'nobody@example.com'],
    scope: [ALICE, BOB, '@example.com', '@'],
    reader: [ALICE, '@example.com'],
    recipient: [ALICE, BOB],
    recipients: [[ALICE], [ALICE, BOB]],
    id: [digest.id, release.id, bulk.id],
    owner: [ALICE, '@example.com', '@.'],
    sender: ['sam@shop.example', 'eve@spam.example'],
    note: ['Open it with care.'],
    ref: refs,
    refs: [refs],
    search: ['from:sam', 'is:deleted'],
    index: ['0'],
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
    // Left out, because any other version is a conflict.
    version: [undefined],
    'If-Match': ['"0"'],
  }
}

interface ApiRequest {
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The request made of the examples, without cursor and conditions: these fit only one list, or one state. */
function exampleOf({ path, operation }: Described): ApiRequest {
  const given = (operation.parameters ?? []).filter(
    parameter => parameter.in !== 'header' && parameter.name !== 'cursor',
  )
  const texts = given.map(parameter => ({ ...parameter, text: String(parameter.example) }))
  const body = operation.requestBody?.content['application/json']?.example
  return { path: pathOf(path, texts), body, headers: {} }
}

/** Requests as the document describes them, some of them with a mistake. */
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
  const parts = (operation.parameters ?? []).map(parameter => {
    const { name, schema, required } = parameter
    const given = values(schema, name).map(value => ({ ...parameter, text: textOf(value, name) }))
    if (required) return given
    const nothing = { arbitrary: fc.constant(undefined), weight: parameter.in === 'header' ? 5 : 1 }
    return fc.oneof(nothing, { arbitrary: given, weight: 1 })
  })
  const schema = operation.requestBody?.content['application/json']?.schema
  const bodies = schema
    ? valuesOf(schema, schemaAt, likely).chain(value =>
        fc.oneof({ arbitrary: fc.constant(value), weight: 3 }, { arbitrary: mutated(value), weight: 2 }),
      )
    : fc.constant(undefined)
  return fc.tuple(fc.tuple(...parts), bodies).map(([given, body]) => {
    const parameters = given.filter(parameter => parameter !== undefined)
    const headers = parameters.filter(parameter => parameter.in === 'header')
    return {
      path: pathOf(path, parameters),
      body,
      headers: Object.fromEntries(headers.map(({ name, text }) => [name, text.replace(/[^\x20-\x7e]/g, '')])),
    }
  })
}

function pathOf(path: string, given: readonly (Parameter & { readonly text: string })[]): string {
  const query = given
    .filter(parameter => parameter.in === 'query')
    .map(({ name, text }) => [name, text] as [string, string])
  const place = (_: string, name: string) =>
    encodeURIComponent(given.find(parameter => parameter.name === name)?.text ?? '')
  return `${path.replace(/\{(\w+)\}/g, place)}?${new URLSearchParams(query)}`
}

const textOf = (value: unknown, name: string): string =>
  String((value as Readonly<Record<string, unknown>>)[name]).toWellFormed()

const send = (
  caller: Caller,
  { method }: Described,
  { path, body, headers }: ApiRequest,
): Promise<ApiAnswer> => caller.call(method.toUpperCase(), path, body, headers)

/** Fails for an answer that the document does not describe. */
function requireDocumented({ operation }: Described, { status, text, json, headers }: ApiAnswer): void {
  const documented = operation.responses[status]
  expect(documented, `${status} ${text}`).toBeDefined()
  expect(status, text).toBeLessThan(500)
  const [content] = Object.entries(documented?.content ?? {})
  if (!content) {
    expect(text).toBe('')
    return
  }
  const [type, { schema }] = content
  if (!schema) {
    expect(headers.get('content-type')).toMatch(type)
    return
  }
  expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`)
  const isValid = validatorOf(schema.$ref)
  expect(isValid(json) ? [] : isValid.errors, text.slice(0, 500)).toEqual([])
}
