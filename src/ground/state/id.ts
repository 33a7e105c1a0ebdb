import { randomBytes } from 'node:crypto'

/**
 * A key for a new row: 9 characters of time, so that rows made together stand together in the index, then 80 random
 * bits. 25 characters of 0-9 and a-v, in the order of their making.
 */
export function newId(now: number): string {
  const time = now.toString(32).padStart(9, '0')
  const random = BigInt(`0x${randomBytes(10).toString('hex')}`)
    .toString(32)
    .padStart(16, '0')
  return time + random
}
