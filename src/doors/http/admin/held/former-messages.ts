import { KINDS } from '../../../../ground/amavis/content.ts'
import { scopeNamed } from '../../../../rules/settings/scope.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { heldPath } from './held-path.ts'

/**
 * GET /admin/messages?reader=…&state=…&kind=…&day=…: where the list was up to version 0.3. Leads to the same search in
 * the list that has replaced it.
 */
export const leadToHeld: AdminHandler = ({ query, goTo }) => {
  const day = /^\d{4}-\d{2}-\d{2}$/.exec(query.get('day') ?? '')?.[0]
  const state = query.get('state')
  goTo(
    heldPath({
      recipient: scopeNamed((query.get('reader') ?? '').trim()),
      state: state === 'released' ? 'released' : state === 'waiting' ? 'held' : undefined,
      kind: KINDS.find(kind => kind === query.get('kind')),
      day: day !== undefined && !Number.isNaN(Date.parse(day)) ? day : undefined,
    }),
  )
}
