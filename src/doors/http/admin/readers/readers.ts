import type { Desk } from '../../../../desks/admin/desk.ts'
import type { ReaderSummary } from '../../../../desks/admin/readers/find-readers.ts'
import { reaches } from '../../../../rules/reach/reach.ts'
import { EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../frame/admin-pages.ts'
import { digestBadge } from '../frame/mail-rows.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { scopeWritten } from '../frame/whose-filter.ts'
import { pathOf, shownScope } from './settings-model.ts'

export interface ReadersRouteDeps {
  readonly desk: Desk
}

/** GET /admin/readers?search=TEXT&after=PLACE */
export const listReaders =
  ({ desk }: ReadersRouteDeps): AdminHandler =>
  async ({ editor: { reach }, query, show }) => {
    const search = (query.get('search') ?? '').trim().slice(0, LONGEST_SEARCH)
    const after = query.get('after') ?? undefined
    const { rows, next, cut } = await desk.readers.list(reach, {
      search: search || undefined,
      after,
      limit: PER_PAGE,
    })
    const named = scopeWritten(search)
    const scopes = [
      ...(reach === undefined ? [EVERYBODY] : reach.map(domain => `@${domain}`)),
      ...(named !== undefined && reaches(reach, named) ? [named] : []),
    ]
    show({
      page: 'readers',
      section: 'readers',
      model: writer => ({
        search,
        action: writer.url('/admin/readers'),
        scopes: [...new Set(scopes)].map(scope => ({
          url: writer.url(pathOf(scope)),
          label: shownScope(scope, writer),
        })),
        readers: rows.map(row => readerRow(row, writer)),
        cut,
        nextUrl: next && writer.url(`/admin/readers?${new URLSearchParams({ search, after: next })}`),
        firstUrl: after && writer.url(`/admin/readers?${new URLSearchParams({ search })}`),
      }),
    })
  }

const PER_PAGE = 50

/** More than an address has. */
const LONGEST_SEARCH = 320

const readerRow = ({ reader, waiting, lastDigest, hasSettings }: ReaderSummary, writer: Writer): object => ({
  url: writer.url(pathOf(reader)),
  reader: shownScope(reader, writer),
  waiting: writer.number(waiting),
  last: lastDigest && {
    at: writer.time(lastDigest.createdAt),
    url: writer.url(`/admin/digests/${lastDigest.id}`),
    state: digestBadge(lastDigest.state, writer),
  },
  hasSettings,
})
