import { expect, test } from 'vitest'
import type { PageRequest } from '../../../../../src/desks/admin/listing/paging.ts'
import type { AdminView } from '../../../../../src/doors/http/admin/frame/admin-pages.ts'
import { type List, listPage } from '../../../../../src/doors/http/admin/frame/list-page.ts'
import type { Visit } from '../../../../../src/doors/http/admin/frame/visit.ts'
import type { Writer } from '../../../../../src/doors/http/web/writer.ts'
import { editorFor } from '../../../../embedded/editors.ts'

interface Criteria {
  readonly word: string
}

type Found = { readonly rows: readonly string[]; readonly next: string | undefined }

/** Visits a list. @returns what the page shows, and the requests that reached the use-case */
async function shown(search: string, overrides: Partial<List<Criteria, string, Found>> = {}) {
  const requests: (Criteria & PageRequest)[] = []
  const list: List<Criteria, string, Found> = {
    name: 'releases',
    filter: query => {
      const word = query.get('word') ?? ''
      return {
        criteria: word === 'odd' ? undefined : { word },
        fields: { word },
        model: () => ({ word }),
      }
    },
    find: async (_reach, request) => {
      requests.push(request)
      return { rows: ['one', 'two'], next: request.after === 'end' ? undefined : 'place&2' }
    },
    row: row => ({ row }),
    ...overrides,
  }
  let answer: { view: AdminView; status: number | undefined } | undefined
  const show: Visit['show'] = (view, status) => {
    answer = { view, status }
  }
  const visit = { editor: editorFor(['example.com']), query: new URLSearchParams(search), show }
  await listPage(list)(visit as Visit)
  const { page, section, model } = answer?.view ?? {}
  return { requests, page, section, status: answer?.status, model: model?.(WRITER) }
}

const WRITER = { url: (path: string) => `/base${path}` } as Writer

test('a list shows its rows, its form, and a link to the next page', async () => {
  expect(await shown('word=a+b')).toEqual({
    requests: [{ word: 'a b', after: undefined, limit: 50 }],
    page: 'releases',
    section: 'releases',
    status: 200,
    model: {
      word: 'a b',
      action: '/base/admin/releases',
      releases: [{ row: 'one' }, { row: 'two' }],
      nextUrl: '/base/admin/releases?word=a+b&after=place%262',
      firstUrl: undefined,
    },
  })
})

test('a later page links back to the first one, and the last page has no next one', async () => {
  const { requests, model } = await shown('word=x&after=end')
  expect(requests).toMatchObject([{ after: 'end' }])
  expect(model).toMatchObject({ nextUrl: undefined, firstUrl: '/base/admin/releases?word=x' })
})

test('a filter that cannot be read shows no rows, and nothing is searched', async () => {
  const { requests, status, model } = await shown('word=odd')
  expect({ requests, status }).toEqual({ requests: [], status: 400 })
  expect(model).toMatchObject({ word: 'odd', releases: [], nextUrl: undefined })
})

test('the extras of the template depend on what was found', async () => {
  const extras = (found: Found | undefined) => ({ count: found?.rows.length })
  expect((await shown('word=x', { extras })).model).toMatchObject({ count: 2 })
  expect((await shown('word=odd', { extras })).model).toMatchObject({ count: undefined })
})

test('the use-case receives the reach of the admin', async () => {
  const reaches: unknown[] = []
  const find = async (reach: unknown) => {
    reaches.push(reach)
    return { rows: [], next: undefined }
  }
  await shown('', { find })
  expect(reaches).toEqual([['example.com']])
})
