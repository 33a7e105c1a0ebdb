import { messageKeyOf } from '../../../ground/amavis/purge/old-messages.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { WantedStates } from '../../../rules/search/wanted-states.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import { findReleases, type ReleaseRow } from '../../release/claims.ts'
import { listedState } from '../listed-state.ts'
import type { Candidate } from './candidates.ts'
import type { Line } from './gather.ts'
import type { Scope } from './scope.ts'

/** A reader's list has a line for each recipient. */
export const ofOneRecipient = (candidates: readonly Candidate[]): readonly Line[] =>
  candidates.map(candidate => [candidate])

/** An admin's list has a line for each message. */
export const ofOneMessage = (candidates: readonly Candidate[]): readonly Line[] => [
  ...Map.groupBy(candidates, messageKeyOf).values(),
]

/** What has become of the messages that were looked at, by `heldId`. */
export type Releases = Map<string, ReleaseRow>

/** Leaves out what the viewer may not see, and what is in another state than amavis's table says. */
export const sifter =
  (
    { state: tables }: { readonly state: Database<StateTables> },
    { mayShow }: Scope,
    { states }: WantedStates,
    releases: Releases,
  ) =>
  async (candidates: readonly Candidate[]): Promise<readonly Candidate[]> => {
    const shown = candidates.map(candidate => ({ ...candidate, heldId: heldIdOf(candidate) })).filter(mayShow)
    for (const chunk of chunks(shown)) {
      const ids = chunk.map(({ heldId }) => heldId)
      for (const [heldId, release] of await findReleases(tables, ids)) releases.set(heldId, release)
    }
    return shown.filter(({ rs, heldId }) => {
      const state = listedState(rs, releases.get(heldId))
      return state !== undefined && states.has(state)
    })
  }
