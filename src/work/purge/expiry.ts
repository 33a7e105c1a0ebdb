import type { OldMessage, OldRecipient } from '../../ground/amavis/purge/old-messages.ts'
import type { Retention } from '../../ground/amavis/retention.ts'
import { HOUR, SECOND } from '../../ground/durations.ts'

/** How long mail is kept, in milliseconds from when it came, as far as nothing else was promised. */
export interface Terms {
  readonly retention: Retention
  /** A message that was released; undefined: as long as others of its kind. */
  readonly released: number | undefined
  /** A message that is marked for deletion; undefined: as long as others of its kind. */
  readonly deleted: number | undefined
}

/** No message that is younger can be deleted, in milliseconds. */
export const shortestSpan = ({ retention, released, deleted }: Terms): number =>
  Math.min(retention.shortest, released ?? Number.POSITIVE_INFINITY, deleted ?? Number.POSITIVE_INFINITY)

/**
 * Until when a message is kept by the terms alone, in milliseconds since the epoch. As long as one recipient's copy is
 * kept, all of it is.
 */
export function expiryOf(message: OldMessage, terms: Terms): number {
  const cameAt = message.timeNum * SECOND
  if (message.kind === undefined) return cameAt + UNFINISHED_KEPT_FOR
  const spans = message.recipients.map(recipient => spanOf(recipient, terms))
  return cameAt + (spans.length === 0 ? terms.retention.of(message.kind) : Math.max(...spans))
}

/**
 * amavisd takes at most `$child_timeout`, 8 minutes by default. What it has not finished after an hour was lost, in
 * milliseconds.
 */
export const UNFINISHED_KEPT_FOR = HOUR

function spanOf({ kind, rs }: OldRecipient, { retention, released, deleted }: Terms): number {
  const ofKind = retention.of(kind)
  switch (rs) {
    case 'R':
      return Math.min(ofKind, released ?? ofKind)
    case 'D':
      return Math.min(ofKind, deleted ?? ofKind)
    // A reader has asked an admin for it, who has not decided yet.
    case 'p':
      return Number.POSITIVE_INFINITY
    default:
      return ofKind
  }
}
