import { createHash } from 'node:crypto'

/**
 * How long this reader's mail waits when a run's mails are spread: always at the same place in that time.
 *
 * @param spread the time over which they are spread, in milliseconds
 * @returns milliseconds
 */
export const delayOf = (reader: string, spread: number): number =>
  spread === 0 ? 0 : Math.floor(placeInSpread(reader) * spread)

/** From 0 to 1. */
const placeInSpread = (reader: string): number =>
  createHash('sha256').update(reader).digest().readUInt32BE() / 2 ** 32
