import type { Filter } from './filter.ts'

/** A field that is left out stays as it is. In a new schedule it gets its default. */
export interface ScheduleChange {
  readonly crons?: readonly string[] | undefined
  /** IANA name, or `READERS_OWN`. */
  readonly timeZone?: string | undefined
  /** Null: all messages. */
  readonly filter?: Filter | null | undefined
  /** Changes parts of the filter, instead of `filter`. A part that is undefined is lifted; a missing one stays. */
  readonly filterParts?: Filter | undefined
  readonly minMessages?: number | undefined
  readonly sendsEmpty?: boolean | undefined
  /** Milliseconds. */
  readonly spread?: number | undefined
  readonly isOffered?: boolean | undefined
  /** True makes this schedule the default in place of the present one. False is refused for the present one. */
  readonly isDefault?: boolean | undefined
  readonly enabled?: boolean | undefined
}
