import { RELEASED_ELSEWHERE, type ReleaseRow } from './claims.ts'

/** Who released a message, as its other readers are told. */
export interface ReleasedBy {
  /** The address of the reader; undefined for an admin, whose name readers are not told. */
  readonly reader: string | undefined
  /** When, in milliseconds since the epoch. */
  readonly at: number
}

/**
 * Who released a message, in the eyes of one of its readers.
 *
 * @returns undefined when it is not released, when another program did it, and for the reader who did it
 */
export function releasedBy(release: ReleaseRow | undefined, reader: string): ReleasedBy | undefined {
  if (release?.state !== 'released' || release.reply === RELEASED_ELSEWHERE) return undefined
  const at = release.finishedAt ?? release.requestedAt
  if (release.askedBy !== release.requestedBy) return { reader: undefined, at }
  return release.requestedBy === reader ? undefined : { reader: release.requestedBy, at }
}
