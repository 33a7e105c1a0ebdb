import type { ContentKind } from '../../../../ground/amavis/content.ts'
import { formatValue } from '../../../../rules/search/format-search.ts'
import { ANY_STATE, queryOfDay } from '../../quarantine/list/search-query.ts'

/** What the list of held messages is narrowed to. */
export interface HeldWanted {
  /** Undefined: whatever has become of it. */
  readonly state?: 'held' | 'released' | undefined
  readonly kind?: ContentKind | undefined
  /** As `2026-03-11`. */
  readonly day?: string | undefined
  /** The first day of more, as `2026-03-11`. */
  readonly since?: string | undefined
  /** An address, or `@domain`. */
  readonly recipient?: string | undefined
}

/** The path of the list of held messages, with a search. */
export function heldPath({ state, kind, day, since, recipient }: HeldWanted): string {
  const states = state === undefined ? ANY_STATE : `is:${state}`
  const days = day === undefined ? since && `after:${since}` : queryOfDay(day)
  const q = [recipient && `to:${recipientSought(recipient)}`, kind && `type:${kind}`, days, states]
    .filter(Boolean)
    .join(' ')
  return `/admin/held?${new URLSearchParams({ q })}`
}

const recipientSought = (recipient: string): string =>
  formatValue({ field: 'to', how: recipient.startsWith('@') ? 'ends' : 'equals', text: recipient })
