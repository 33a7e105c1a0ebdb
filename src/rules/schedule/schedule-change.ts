import type { Filter } from './filter.ts'

/** What is left out stays as it is; of a new schedule, it is the standard. */
export interface ScheduleChange {
  readonly crons?: readonly string[] | undefined
  /** IANA name, or `READERS_OWN`. */
  readonly timeZone?: string | undefined
  /** Null: all messages. */
  readonly filter?: Filter | null | undefined
  /** Some parts of the filter, in place of `filter`. An undefined part is lifted, a missing one stays. */
  readonly filterParts?: Filter | undefined
  readonly minMessages?: number | undefined
  readonly sendsEmpty?: boolean | undefined
  /** Milliseconds. */
  readonly spread?: number | undefined
  readonly isOffered?: boolean | undefined
  /** Takes this from the schedule that has been the default. */
  readonly isDefault?: true | undefined
  readonly enabled?: boolean | undefined
}
