import type { ReaderSummary } from '../../../../desks/admin/readers/find-readers.ts'
import type { Writer } from '../../web/writer.ts'
import { digestBadge } from '../frame/badges.ts'
import { breakable } from '../frame/breakable.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { type ListFilter, listPage } from '../frame/list-page.ts'
import { pathOf, scopeLink, shownScope } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/readers?search=TEXT&after=PLACE */
export const listReaders = ({ desk }: DeskDeps): AdminHandler =>
  listPage({
    name: 'readers',
    filter: searchFilter,
    find: desk.readers.list,
    row: readerRow,
    extras: (found, writer) => ({
      scopes: found?.scopes.map(scope => scopeLink(scope, writer)),
      cut: found?.cut,
    }),
  })

function searchFilter(query: URLSearchParams): ListFilter<{ readonly search: string | undefined }> {
  const search = (query.get('search') ?? '').trim().slice(0, LONGEST_SEARCH)
  return { criteria: { search: search || undefined }, fields: { search }, model: () => ({ search }) }
}

/** An address has at most 320 characters: 64, the at-sign and 255 (RFC 5321). */
const LONGEST_SEARCH = 320

const readerRow = ({ reader, waiting, lastDigest, hasSettings }: ReaderSummary, writer: Writer): object => ({
  url: writer.url(pathOf(reader)),
  reader: shownScope(reader, writer),
  readerParts: breakable(shownScope(reader, writer)),
  waiting: writer.number(waiting),
  last: lastDigest && {
    at: writer.time(lastDigest.createdAt),
    url: writer.url(`/admin/digests/${lastDigest.id}`),
    state: digestBadge(lastDigest.state, writer),
  },
  hasSettings,
})
