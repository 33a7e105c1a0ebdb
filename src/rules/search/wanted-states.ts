import type { Search, SearchState } from './search.ts'

/** The states that a search wants. */
export interface WantedStates {
  /** Of these, one at least. */
  readonly states: ReadonlySet<Exclude<SearchState, 'unread'>>
  /** Whether it wants only what nobody has read (true) or only what somebody has (false); undefined: both. */
  readonly isUnread: boolean | undefined
}

/** `unread` narrows the other states down; where none of them is named, what is held or requested is meant. */
export function wantedStates({ states }: Search): WantedStates {
  const unread = states.find(({ value }) => value === 'unread')
  const named = states.filter(({ value, not }) => value !== 'unread' && !not).map(({ value }) => value)
  const wanted = new Set(named.length > 0 ? named : STANDARD)
  for (const { value, not } of states) if (not) wanted.delete(value)
  wanted.delete('unread')
  return { states: wanted as WantedStates['states'], isUnread: unread && !unread.not }
}

const STANDARD: readonly SearchState[] = ['held', 'requested']
