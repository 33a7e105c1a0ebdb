import { randomFillSync } from 'node:crypto'

/**
 * A key for a new row: 25 characters of 0-9 and a-v. The first 9 are the time, so that keys sort by it and rows made at
 * about the same time are neighbours in the index. The rest are 80 random bits.
 */
export function newId(now: number): string {
  return firstIdAt(now) + random()
}

/** 80 random bits as 16 characters. The octets are fetched for many keys at once: each call costs more than a key. */
function random(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const octets = pool.subarray(used, used + OCTETS)
  used += OCTETS
  return group(octets, 0) + group(octets, 5)
}

/** Five octets as eight characters. */
const group = (octets: Buffer, start: number): string =>
  octets.readUIntBE(start, 5).toString(32).padStart(8, '0')

const OCTETS = 10
const pool = Buffer.alloc(500 * OCTETS)
let used = pool.length

/** Sorts before all keys of rows made at this time or later, and after all others. */
export const firstIdAt = (time: number): string => Math.max(0, time).toString(32).padStart(9, '0')

/** When the row of a key was made, in milliseconds since the epoch. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 9), 32) || 0
