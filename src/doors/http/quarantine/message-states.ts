import type { HeldRef } from '../../../work/collect/held-ref.ts'
import type { LiveState } from '../../../work/quarantine/release-state.ts'

/** What has become of the release of a message, for each recipient. */
export type ReleaseStates = ReadonlyMap<HeldRef, LiveState>

/** Whether amavisd is being asked, or will be asked again by itself. */
export const isInFlux = (states: ReleaseStates): boolean =>
  [...states.values()].some(({ is }) => is === 'queued' || is === 'releasing')

/** All states as one word: the script of the page compares it with that of the page that it is on. */
export const knownStates = (states: ReleaseStates): string =>
  [...states]
    .map(([ref, { is }]) => `${ref}=${is}`)
    .sort()
    .join(',')
