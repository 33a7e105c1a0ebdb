import { CodedError } from '../../../../ground/errors.ts'
import type { HeldRef } from '../../../../work/collect/held-ref.ts'
import type { QuarantineHandler } from '../quarantine-visit.ts'
import { bulkPath } from './bulk-path.ts'
import { actOnOne } from './list-act.ts'
import { pathWithNotice } from './list-notice.ts'
import { type ListDeps, requestOf } from './list-page.ts'
import { listPlaceIn } from './list-place.ts'
import { refsOfRow } from './row-refs.ts'
import { readQuery } from './search-query.ts'

/**
 * POST /mail and /admin/held, with the list's place in the query: `one=release:REF:ROW` is the button of a row,
 * `act=release` or `delete` one of the buttons for all that are ticked (`message=REF`).
 */
export const postList =
  (deps: ListDeps): QuarantineHandler =>
  async visit => {
    const { form, query, root, viewer, goTo } = visit
    const place = listPlaceIn(query)
    const one = form.get('one')
    if (one !== null) return actOnOne(deps, visit, place, one)
    const act = actIn(form)
    const refs = refsIn(form)
    if (refs.length === 0)
      return goTo(pathWithNotice(root, place, { done: 'nothing', of: undefined }, undefined))
    const id = await deps.quarantine.beginBulk(viewer, { act, of: { refs }, confirmed: false })
    goTo(bulkPath(root, id, place))
  }

/**
 * POST /mail/bulk and /admin/held/bulk: begins with all that match a search. The form has the search and the time, and an
 * admin's perhaps `confirm=yes`: also what could be dangerous.
 */
export const postBulk =
  ({ quarantine, clock }: ListDeps): QuarantineHandler =>
  async ({ form, root, viewer, timeZone, goTo }) => {
    const place = listPlaceIn(form)
    const at = seenAt(form.get('at'), clock())
    const { search } = readQuery(place.q, { now: at, timeZone })
    if (!search)
      throw new CodedError('REQUEST_INVALID', 'The search cannot be read. Go back to the list and mend it.')
    const of = { search: { ...requestOf(place, search), after: undefined }, at }
    const confirmed = viewer.as === 'admin' && form.get('confirm') === 'yes'
    const id = await quarantine.beginBulk(viewer, { act: actIn(form), of, confirmed })
    goTo(bulkPath(root, id, place))
  }

/** When the viewer saw what matches: not in the future, whatever a form says. In milliseconds since the epoch. */
function seenAt(text: string | null, now: number): number {
  const at = Math.trunc(Number(text))
  return at > 0 && at < now ? at : now
}

/** @throws CodedError BODY_UNREADABLE */
export function actIn(fields: URLSearchParams): 'release' | 'delete' {
  const act = fields.get('act')
  if (act === 'release' || act === 'delete') return act
  throw new CodedError('BODY_UNREADABLE', 'Expected act=release or act=delete.')
}

/** The ticked messages; what names none is passed over. */
const refsIn = (form: URLSearchParams): readonly HeldRef[] => [
  ...new Set(form.getAll('message').flatMap(refsOfRow)),
]
