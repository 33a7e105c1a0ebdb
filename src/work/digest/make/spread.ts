import { createHash } from 'node:crypto'

/** When in the time over which a run's mails are spread this reader's one goes: from 0 to 1, and always the same. */
export const placeInSpread = (reader: string): number =>
  createHash('sha256').update(reader).digest().readUInt32BE() / 2 ** 32
