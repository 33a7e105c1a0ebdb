import type { ContentKind } from '../../../../ground/amavis/content.ts'
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
}

/** The path of the list of held messages, with a search. */
export function heldPath({ state, kind, day, since }: HeldWanted): string {
  const states = state === undefined ? ANY_STATE : `is:${state}`
  const days = day === undefined ? since && `after:${since}` : queryOfDay(day)
  const q = [kind && `type:${kind}`, days, states].filter(Boolean).join(' ')
  return `/admin/held?${new URLSearchParams({ q })}`
}
