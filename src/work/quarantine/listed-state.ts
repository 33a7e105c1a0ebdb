import { CONTENT_KINDS, type ContentCode, contentKindOf } from '../../ground/amavis/content.ts'
import type { RowFilter } from '../../ground/amavis/quarantine/row-filter.ts'
import { wantedOf } from '../../rules/search/matches.ts'
import type { Search } from '../../rules/search/search.ts'
import { wantedStates } from '../../rules/search/wanted-states.ts'
import type { ReleaseRow } from '../release/claims.ts'
import type { ListedState } from './held-list.ts'

/**
 * What a row of `msgrcpt` and our own release say about a message. Undefined: another program has done something with it
 * that is none of these, such as learning from it (`S`, `H`).
 */
export function listedState(rs: string, release: ReleaseRow | undefined): ListedState | undefined {
  // `rs` may not be set yet.
  if (release?.state === 'released' && rs !== 'D') return 'released'
  return STATES[rs]
}

const STATES: Readonly<Record<string, ListedState>> = {
  '': 'held',
  // Mailzu writes a small letter.
  v: 'held',
  V: 'held',
  p: 'requested',
  R: 'released',
  D: 'deleted',
}

/** Whether nobody has opened it, or done anything with it. */
export const isUnread = (rs: string, state: ListedState): boolean => state === 'held' && rs === ''

/**
 * What rows must have to be what a search wants, as far as amavis's tables tell.
 *
 * @param areMarked whether `rs` says so of everything that we released; it may not be set yet
 */
export function rowFilter(search: Search, areMarked: boolean): RowFilter {
  const { states, isUnread } = wantedStates(search)
  const wantsKind = wantedOf(search.kinds)
  return {
    rs: Object.keys(STATES).filter(rs => {
      const state = STATES[rs]
      const isWanted = state !== undefined && states.has(state)
      const mayBeReleased = !areMarked && states.has('released') && state !== 'deleted'
      return (isWanted || mayBeReleased) && (isUnread === undefined || isUnread === (rs === ''))
    }),
    notContents: (Object.keys(CONTENT_KINDS) as ContentCode[]).filter(
      code => !wantsKind(contentKindOf(code)),
    ),
    scores: search.scores.filter(({ not }) => !not),
    sizes: search.sizes.filter(({ not }) => !not),
  }
}
