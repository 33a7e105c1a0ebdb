import type { PageRequest } from '../../../../desks/admin/listing/paging.ts'
import type { Page } from '../../../../ground/database/walk-by-key.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import type { Section, Writer } from './admin-pages.ts'
import type { AdminHandler } from './visit.ts'

/** What differs from list to list. */
export interface List<Asked, Row, Found extends Page<Row>> {
  /** Its place in the navigation. Its path, its template and the rows in that template are called the same. */
  readonly name: Section
  /** Reads the form above the list, as it stands in the query. */
  readonly filter: (query: URLSearchParams) => ListFilter<Asked>
  /** The use-case that finds a part of the list. */
  readonly find: (reach: Reach, request: Asked & PageRequest) => Promise<Found>
  /** A row as the template shows it. */
  readonly row: (row: Row, writer: Writer) => object
  /** What the template shows besides. @param found undefined: the filter cannot be read */
  readonly besides?: (found: Found | undefined, writer: Writer) => object
}

/** What a list is asked for. */
export interface ListFilter<Asked> {
  /** For the use-case; undefined: the filter cannot be read, and nothing is looked for. */
  readonly asked: Asked | undefined
  /** The fields of the form as somebody filled them in: the further parts of the list have the same ones. */
  readonly fields: Readonly<Record<string, string>>
  /** What the form is filled with. */
  readonly model: (writer: Writer) => object
}

/**
 * GET /admin/NAME?FIELD=…&after=PLACE: a part of a list, with the way to the next one.
 *
 * To add a list: give it a name in `SECTIONS`, a template of that name (with `{{> filter}}` and `{{> turn}}`), and call
 * this with what differs. A filter for a reader or a domain stands in `whose-filter.ts`.
 */
export const listPage =
  <Asked, Row, Found extends Page<Row>>(list: List<Asked, Row, Found>): AdminHandler =>
  async ({ editor, query, show }) => {
    const { asked, fields, model } = list.filter(query)
    const after = query.get('after') ?? undefined
    const found = asked && (await list.find(editor.reach, { ...asked, after, limit: PER_PAGE }))
    const path = `/admin/${list.name}`
    const partAt = (place: object) => `${path}?${new URLSearchParams({ ...fields, ...place })}`
    show(
      {
        page: list.name,
        section: list.name,
        model: writer => ({
          ...model(writer),
          action: writer.url(path),
          [list.name]: found?.rows.map(row => list.row(row, writer)) ?? [],
          nextUrl: found?.next && writer.url(partAt({ after: found.next })),
          firstUrl: after === undefined ? undefined : writer.url(partAt({})),
          ...list.besides?.(found, writer),
        }),
      },
      asked ? 200 : 400,
    )
  }

const PER_PAGE = 50
