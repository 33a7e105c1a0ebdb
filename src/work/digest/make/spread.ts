import { createHash } from 'node:crypto'

/** Where this reader's mail stands in the time over which a run's mails are spread: from 0 to 1, always the same. */
export const placeInSpread = (reader: string): number =>
  createHash('sha256').update(reader).digest().readUInt32BE() / 2 ** 32
