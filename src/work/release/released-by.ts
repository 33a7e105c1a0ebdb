import type { Viewer } from '../../rules/reach/viewer.ts'
import { RELEASED_ELSEWHERE, type ReleaseRow } from './claims.ts'

/** Who released a message, as others are told. */
export interface ReleasedBy {
  /** The address of the reader; undefined for an admin. */
  readonly reader: string | undefined
  /** The name of the admin, which only admins are told. */
  readonly admin?: string | undefined
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

/** Who released a message, in the eyes of whoever looks at it: to an admin, nobody is "you", and admins have names. */
export function releasedByFor(viewer: Viewer, release: ReleaseRow | undefined): ReleasedBy | undefined {
  if (viewer.as === 'reader') return releasedBy(release, viewer.visitor.reader)
  const by = releasedBy(release, '')
  return by && { ...by, admin: by.reader === undefined ? release?.askedBy : undefined }
}
