import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Context } from '../../../../../src/doors/http/api/protocol/operation.ts'
import type { Page } from '../../../../../src/ground/database/walk-by-key.ts'
import { ROOT } from '../../../../embedded/editors.ts'
import { adminOf } from '../../../../embedded/viewers.ts'

// A separate registry keeps the components of this test out of the document.
vi.resetModules()
const { component, componentSchemas, exampleOf } = await import(
  '../../../../../src/doors/http/api/protocol/components.ts'
)
const { listOperation } = await import('../../../../../src/doors/http/api/protocol/list-operation.ts')

const apple = component('Apple', z.object({ name: z.string() }), { name: 'Boskoop' })

/** The requests that reached the desk. */
const requests: object[] = []

const apples = listOperation({
  path: '/trees/{tree}/apples',
  operationId: 'listApples',
  tag: 'Figures',
  summary: 'Lists apples',
  params: { tree: z.string() },
  filters: { colour: z.enum(['red', 'green']).optional() },
  page: 'ApplePage',
  item: apple,
  more: { cut: z.boolean().meta({ description: 'True when there are more.', example: false }) },
  list: async (_context, { params, query, by }): Promise<Page<{ sort: string }> & { cut: boolean }> => {
    requests.push({ params, query, by })
    return { rows: [{ sort: 'Boskoop' }], next: query.after === undefined ? '1.a' : undefined, cut: true }
  },
  json: ({ sort }) => ({ name: sort }),
})

const ask = async (query: object) => {
  const input = {
    params: { tree: '7' },
    query: apples.query.parse(query),
    body: undefined,
    expected: undefined,
  }
  return (await apples.handle({} as Context, { ...input, by: ROOT, viewer: adminOf() })).body as {
    next: string | null
  }
}

test('a page has a cursor, from which the list continues', async () => {
  const first = await ask({ colour: 'red', limit: 10 })
  expect(first).toEqual({ items: [{ name: 'Boskoop' }], next: expect.any(String), cut: true })
  expect(requests.at(-1)).toEqual({ params: { tree: '7' }, query: { colour: 'red', limit: 10 }, by: ROOT })
  expect(await ask({ cursor: first.next })).toMatchObject({ next: null })
  expect(requests.at(-1)).toMatchObject({ query: { limit: 50, after: '1.a' } })
})

test('a list takes its own filters, a limit and a cursor, and no other parameters', () => {
  expect(Object.keys(apples.query.shape)).toEqual(['colour', 'limit', 'cursor'])
  expect(apples).toMatchObject({ method: 'get', scope: 'read', isVersioned: false, body: undefined })
  for (const wrong of [{ limit: 0 }, { limit: 101 }, { cursor: '!' }, { colour: 'blue' }, { size: 1 }]) {
    expect(apples.query.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
  }
})

test('a cursor that no list returned is refused', async () => {
  await expect(ask({ cursor: 'a' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('a page is a component with an example of its item', () => {
  expect(componentSchemas()).toMatchObject({
    ApplePage: {
      properties: { items: { items: { $ref: '#/components/schemas/Apple' } }, cut: { type: 'boolean' } },
      required: ['items', 'next', 'cut'],
    },
  })
  const page = apples.replies[200]?.schema ?? z.never()
  expect(exampleOf(page)).toEqual({ items: [{ name: 'Boskoop' }], next: null, cut: false })
})
