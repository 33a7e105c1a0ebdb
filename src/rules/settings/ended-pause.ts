import { NOT_PAUSED } from './setting-fields.ts'

/** A pause that has ended counts as none: null, so that the wider scope decides. `NOT_PAUSED` never ends. */
export const unlessEnded = (pausedUntil: number | null, now: number): number | null =>
  pausedUntil !== null && pausedUntil !== NOT_PAUSED && pausedUntil <= now ? null : pausedUntil
