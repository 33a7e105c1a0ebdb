import { randomBytes } from 'node:crypto'

/**
 * A key for a new row: 25 characters of 0-9 and a-v. The first 9 are the time, so that keys sort by it and rows made at
 * about the same time are neighbours in the index. The rest are 80 random bits.
 */
export function newId(now: number): string {
  const random = BigInt(`0x${randomBytes(10).toString('hex')}`)
    .toString(32)
    .padStart(16, '0')
  return firstIdAt(now) + random
}

/** Sorts before all keys of rows made at this time or later, and after all others. */
export const firstIdAt = (time: number): string => Math.max(0, time).toString(32).padStart(9, '0')
