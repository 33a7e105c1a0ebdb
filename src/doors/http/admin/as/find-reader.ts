import { isReader } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../../web/writer.ts'
import { asPath, FIND_PATH } from '../frame/as-path.ts'
import { breakable } from '../frame/breakable.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { shownScope } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/as?search=TEXT&after=PLACE: the readers in reach of whom anything is known, each with a link to what they see. */
export const findReader =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const search = (query.get('search') ?? '').trim().slice(0, LONGEST_SEARCH)
    const after = query.get('after') ?? undefined
    const wanted = { search: search || undefined, after, limit: PER_PAGE }
    const { rows, next, cut, scopes } = await desk.readers.list(editor.reach, wanted)
    const named = scopes.filter(isReader)
    const others = rows.map(({ reader }) => reader).filter(reader => !named.includes(reader))
    const at = (place: object) => `${FIND_PATH}?${new URLSearchParams({ search, ...place })}`
    show({
      page: 'as-find',
      section: 'as',
      model: writer => ({
        search,
        action: writer.url(FIND_PATH),
        readers: [...(after === undefined ? named : []), ...others].map(reader => rowOf(reader, writer)),
        cut,
        nextUrl: next && writer.url(at({ after: next })),
        firstUrl: after === undefined ? undefined : writer.url(at({})),
      }),
    })
  }

/** An address has at most 320 characters: 64, the at-sign and 255 (RFC 5321). */
const LONGEST_SEARCH = 320

const PER_PAGE = 50

const rowOf = (reader: string, writer: Writer): object => ({
  url: writer.url(asPath(reader)),
  parts: breakable(shownScope(reader, writer)),
})
