import type { ContentKind } from '../../ground/amavis/content.ts'

/** What somebody looks for in the quarantine. All conditions hold at once. */
export interface Search {
  readonly texts: readonly TextCondition[]
  /** Empty: every kind. */
  readonly kinds: readonly Choice<ContentKind>[]
  /** Empty: what is held, or requested. */
  readonly states: readonly Choice<SearchState>[]
  readonly scores: readonly RangeCondition[]
  /** Octets. */
  readonly sizes: readonly RangeCondition[]
  /** Milliseconds since the epoch: received at or after it. */
  readonly after?: number | undefined
  /** Milliseconds since the epoch: received before it. */
  readonly before?: number | undefined
}

/** The search for whatever is held. */
export const EMPTY_SEARCH: Search = { texts: [], kinds: [], states: [], scores: [], sizes: [] }

export type TextField =
  /** The header's From, the envelope sender or the subject. */
  | 'words'
  /** The header's From or the envelope sender. */
  | 'from'
  /** The envelope recipient. */
  | 'to'
  | 'subject'
  /** The mail id. */
  | 'id'
  /** What amavisd says about why it was held: a file's name, a virus. */
  | 'reason'

export type Comparison = 'contains' | 'equals' | 'begins' | 'ends'

export interface TextCondition {
  readonly field: TextField
  readonly how: Comparison
  readonly text: string
  readonly not: boolean
}

export interface Choice<Value> {
  readonly value: Value
  readonly not: boolean
}

/** Both ends are included; undefined: open. */
export interface RangeCondition {
  readonly least: number | undefined
  readonly most: number | undefined
  readonly not: boolean
}

/** The words after `is:`. */
export const SEARCH_STATES = ['held', 'released', 'deleted', 'requested', 'unread'] as const

export type SearchState = (typeof SEARCH_STATES)[number]

/** What a list can be ordered by. */
export const ORDERS = ['date', 'score', 'sender', 'subject', 'size', 'type'] as const

export type Order = (typeof ORDERS)[number]
