import { expect, test } from 'vitest'
import type { PageRequest } from '../../../../../src/desks/admin/listing/paging.ts'
import type { AdminView, Writer } from '../../../../../src/doors/http/admin/frame/admin-pages.ts'
import { type List, listPage } from '../../../../../src/doors/http/admin/frame/list-page.ts'
import type { Visit } from '../../../../../src/doors/http/admin/frame/visit.ts'
import { editorFor } from '../../../../embedded/editors.ts'

interface Asked {
  readonly word: string
}

type Found = { readonly rows: readonly string[]; readonly next: string | undefined }

/** What a visit to a list shows, and what the list was asked for. */
async function shown(search: string, more: Partial<List<Asked, string, Found>> = {}) {
  const asked: (Asked & PageRequest)[] = []
  const list: List<Asked, string, Found> = {
    name: 'releases',
    filter: query => {
      const word = query.get('word') ?? ''
      return {
        asked: word === 'odd' ? undefined : { word },
        fields: { word },
        model: () => ({ word }),
      }
    },
    find: async (_reach, request) => {
      asked.push(request)
      return { rows: ['one', 'two'], next: request.after === 'end' ? undefined : 'place&2' }
    },
    row: row => ({ row }),
    ...more,
  }
  let answer: { view: AdminView; status: number | undefined } | undefined
  const show: Visit['show'] = (view, status) => {
    answer = { view, status }
  }
  const visit = { editor: editorFor(['example.com']), query: new URLSearchParams(search), show }
  await listPage(list)(visit as Visit)
  const { page, section, model } = answer?.view ?? {}
  return { asked, page, section, status: answer?.status, model: model?.(WRITER) }
}

const WRITER = { url: (path: string) => `/base${path}` } as Writer

test('a list shows its rows, its form, and the way to the next part', async () => {
  expect(await shown('word=a+b')).toEqual({
    asked: [{ word: 'a b', after: undefined, limit: 50 }],
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

test('a further part leads back to the first one, and the last part no further', async () => {
  const { asked, model } = await shown('word=x&after=end')
  expect(asked).toMatchObject([{ after: 'end' }])
  expect(model).toMatchObject({ nextUrl: undefined, firstUrl: '/base/admin/releases?word=x' })
})

test('a filter that cannot be read finds nothing, and asks for nothing', async () => {
  const { asked, status, model } = await shown('word=odd')
  expect({ asked, status }).toEqual({ asked: [], status: 400 })
  expect(model).toMatchObject({ word: 'odd', releases: [], nextUrl: undefined })
})

test('what the template needs besides depends on what was found', async () => {
  const besides = (found: Found | undefined) => ({ count: found?.rows.length })
  expect((await shown('word=x', { besides })).model).toMatchObject({ count: 2 })
  expect((await shown('word=odd', { besides })).model).toMatchObject({ count: undefined })
})

test('the use-case is asked with the reach of whoever looks', async () => {
  const reaches: unknown[] = []
  const find = async (reach: unknown) => {
    reaches.push(reach)
    return { rows: [], next: undefined }
  }
  await shown('', { find })
  expect(reaches).toEqual([['example.com']])
})
