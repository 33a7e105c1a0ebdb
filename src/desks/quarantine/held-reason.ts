import type { ContentKind } from '../../ground/amavis/content.ts'
import { displayText } from '../../ground/display/text.ts'
import type { ListedHeld } from '../../work/quarantine/held-list.ts'

/** Why a message is held, in some English words: the name of a file or virus, or what amavisd found. */
export function heldReason({ kind, because, score }: Pick<ListedHeld, 'kind' | 'because' | 'score'>): string {
  switch (because.detail) {
    case 'named':
      return displayText(because.name, LONGEST_NAME)
    case 'encrypted':
      return 'encrypted, so it could not be checked'
    case 'overLimits':
      return 'too large to be checked'
    case 'blockListed':
      return 'the sender is on a block list'
    case 'unknown':
      return kind === 'spam' && score !== null ? `spam with ${score} points` : KINDS[kind]
  }
}

/** Characters. Few file systems have longer names. */
const LONGEST_NAME = 255

const KINDS: Readonly<Record<ContentKind, string>> = {
  virus: 'a virus',
  banned: 'a banned attachment',
  unchecked: 'it could not be checked',
  spam: 'spam',
  badHeader: 'a badly formed header',
  oversized: 'too large',
  other: 'another reason',
}
