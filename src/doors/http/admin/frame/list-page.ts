import type { PageRequest } from '../../../../desks/admin/listing/paging.ts'
import type { Page } from '../../../../ground/database/walk-by-key.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import type { Writer } from '../../web/writer.ts'
import type { Section } from './admin-pages.ts'
import type { AdminHandler } from './visit.ts'

/** What differs from list to list. */
export interface List<Criteria, Row, Found extends Page<Row>> {
  /** The list's entry in the navigation. Its path, its template and the rows in that template have the same name. */
  readonly name: Section
  /** Reads the form above the list from the query. */
  readonly filter: (query: URLSearchParams) => ListFilter<Criteria>
  /** The use-case that finds one page of the list. */
  readonly find: (reach: Reach, request: Criteria & PageRequest) => Promise<Found>
  /** A row as the template shows it. */
  readonly row: (row: Row, writer: Writer) => object
  /** Anything else that the template shows. @param found undefined if the filter could not be read */
  readonly extras?: (found: Found | undefined, writer: Writer) => object
}

/** The filter of a list, as read from the query. */
export interface ListFilter<Criteria> {
  /** For the use-case; undefined if the filter cannot be read: then nothing is searched. */
  readonly criteria: Criteria | undefined
  /** The form's fields as they were filled in; the links to other pages of the list repeat them. */
  readonly fields: Readonly<Record<string, string>>
  /** Fills the form. */
  readonly model: (writer: Writer) => object
}

/**
 * GET /admin/NAME?FIELD=…&after=PLACE: one page of a list, with a link to the next one.
 *
 * To add a list, add its name to `SECTIONS`, write a template of that name (with `{{> filter}}` and `{{> turn}}`), and
 * call this with what differs. `reader-filter.ts` has a filter for a reader or a domain.
 */
export const listPage =
  <Criteria, Row, Found extends Page<Row>>(list: List<Criteria, Row, Found>): AdminHandler =>
  async ({ editor, query, show }) => {
    const { criteria, fields, model } = list.filter(query)
    const after = query.get('after') ?? undefined
    const found = criteria && (await list.find(editor.reach, { ...criteria, after, limit: PER_PAGE }))
    const path = `/admin/${list.name}`
    const pageAt = (place: object) => `${path}?${new URLSearchParams({ ...fields, ...place })}`
    show(
      {
        page: list.name,
        section: list.name,
        model: writer => ({
          ...model(writer),
          action: writer.url(path),
          [list.name]: found?.rows.map(row => list.row(row, writer)) ?? [],
          nextUrl: found?.next && writer.url(pageAt({ after: found.next })),
          firstUrl: after === undefined ? undefined : writer.url(pageAt({})),
          ...list.extras?.(found, writer),
        }),
      },
      criteria ? 200 : 400,
    )
  }

const PER_PAGE = 50
