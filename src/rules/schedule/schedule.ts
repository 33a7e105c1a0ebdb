import type { Filter } from './filter.ts'

export interface Schedule {
  readonly name: string
  /** Cron expressions of five fields. */
  readonly crons: readonly string[]
  /** IANA name, or `READERS_OWN`. */
  readonly timeZone: string
  readonly isDefault: boolean
  readonly enabled: boolean
  /** Which messages it carries; undefined: all. */
  readonly filter: Filter | undefined
  /** Fewer messages make no digest, unless one of them is about to expire. */
  readonly minMessages: number
  /** Whether its readers are told when nothing was held. */
  readonly sendsEmpty: boolean
  /** Milliseconds over which the mails of a run are spread. */
  readonly spread: number
  /** Whether readers may choose it themselves. */
  readonly isOffered: boolean
  /** Goes up with each change. An editor names the version they saw, so that nobody overwrites a change unseen. */
  readonly version: number
  /**
   * When these times took effect, in milliseconds since the epoch: nothing is due by them earlier. It changes only when
   * the expressions or the time zone change, or when the schedule is switched on or off. A run that was due by the
   * earlier times and has not been made stays among the runs, unfinished.
   */
  readonly updatedAt: number
}

/** Stands in place of a time zone: each reader's own. */
export const READERS_OWN = 'reader'

/** Whether a schedule follows each reader's own time zone. */
export const isReadersOwn = ({ timeZone }: Pick<Schedule, 'timeZone'>): boolean => timeZone === READERS_OWN
