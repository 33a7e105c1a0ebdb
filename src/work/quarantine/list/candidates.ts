import { contentKindOf } from '../../../ground/amavis/content.ts'
import { heldBecause } from '../../../ground/amavis/held-because.ts'
import type { HeldMailKey } from '../../../ground/amavis/held-mail.ts'
import type { FoundRow } from '../../../ground/amavis/quarantine/found-rows.ts'
import type { Matcher, SearchedMessage, SearchedRecipient } from '../../../rules/search/matches.ts'

/** A message for one recipient that a search has found. All strings come from a mail and are hostile. */
export interface Candidate extends HeldMailKey, SearchedMessage, SearchedRecipient {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** `msgrcpt.rs` without blanks. */
  readonly rs: string
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
}

/** Leaves out what the search does not want. */
export const candidatesOf = (rows: readonly FoundRow[], matcher: Matcher): readonly Candidate[] =>
  rows
    .filter(row => matcher.message(row, row.sender))
    .map(candidateOf)
    .filter(candidate => matcher.recipient(candidate))

function candidateOf({ content, isBlockListed, ...row }: FoundRow): Candidate {
  const kind = contentKindOf(content)
  return { ...row, kind, because: heldBecause(kind, row.response, isBlockListed) }
}
