import type { QuarantineDesk } from '../../../../desks/quarantine/quarantine-desk.ts'
import type { Policies } from '../../../../rules/policy/policy.ts'
import type { HeldListRequest } from '../../../../work/quarantine/held-list.ts'
import type { QuarantineHandler } from '../quarantine-visit.ts'
import { listModel } from './list-model.ts'
import { noticeIn } from './list-notice.ts'
import { type ListPlace, listPath, listPlaceIn } from './list-place.ts'
import { queryOfFields, readQuery } from './search-query.ts'

export interface ListDeps {
  readonly quarantine: QuarantineDesk
  readonly policies: Policies
  readonly clock: () => number
}

/**
 * GET /mail and /admin/held?q=…&sort=…&dir=…&per=…&after=CURSOR: one page of the list. The form with a field for each
 * condition leads to the same URL as the search box.
 */
export const showList =
  ({ quarantine, policies, clock }: ListDeps): QuarantineHandler =>
  async visit => {
    const { viewer, query, root, timeZone } = visit
    const place = listPlaceIn(query)
    if (query.has('fields'))
      return visit.goTo(listPath(root, { ...place, q: queryOfFields(query, timeZone) }))
    const read = readQuery(place.q, { now: clock(), timeZone })
    const found = read.search && (await quarantine.list(viewer, requestOf(place, read.search)))
    const shown = { place, read, found, viewer, root, policies, query, notice: noticeIn(query) }
    visit.show({ page: 'list', model: writer => listModel(shown, writer) }, found ? 200 : 400)
  }

/** What the desk is asked for at this place of the list. */
export const requestOf = (place: ListPlace, search: HeldListRequest['search']): HeldListRequest => ({
  search,
  order: place.sort,
  direction: place.direction,
  limit: place.per,
  after: place.after,
})
