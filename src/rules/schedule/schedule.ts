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
  /** Grows with each change: who changes it says which one was looked at. */
  readonly version: number
  /**
   * Since when these times hold, in milliseconds since the epoch: by them, nothing is due before that. It moves when
   * the expressions or the time zone change and when the schedule is switched on or off, and at no other change. What
   * was due by the earlier times and has not been made stands among the runs, unfinished.
   */
  readonly updatedAt: number
}

/** In place of a time zone: each reader's own. */
export const READERS_OWN = 'reader'

/** Whether a schedule goes by each reader's own time zone. */
export const isReadersOwn = ({ timeZone }: Pick<Schedule, 'timeZone'>): boolean => timeZone === READERS_OWN
