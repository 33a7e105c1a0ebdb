import type { HeldMailKey } from '../../../ground/amavis/held-mail.ts'

/** Where a list that begins with the newest goes on. */
export interface Position {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** The last message of this second that has been listed; undefined: none of it. */
  readonly within?: HeldMailKey | undefined
}

/** The place of a message for one recipient in such a list. */
export type Place = HeldMailKey & { readonly timeNum: number }

export const isAfter = (place: Place, { timeNum, within }: Position): boolean =>
  place.timeNum < timeNum ||
  (place.timeNum === timeNum && (!within || compareNewest({ ...within, timeNum }, place) < 0))

/** The newest first. What came in one second has an order, too. */
export const compareNewest = (a: Place, b: Place): number =>
  b.timeNum - a.timeNum ||
  b.partitionTag - a.partitionTag ||
  (a.mailId === b.mailId ? a.rseqnum - b.rseqnum : a.mailId < b.mailId ? 1 : -1)
