import type { Candidate } from './candidates.ts'
import { compareNewest, isAfter, type Position } from './position.ts'
import type { Source } from './sources.ts'

export interface Gathering {
  readonly start: Position
  /** The first second of the window. */
  readonly from: number
  /** How many are enough. */
  readonly enough: number
  /** Puts what is one line of the list together. */
  readonly linesOf: (candidates: readonly Candidate[]) => readonly Line[]
  /** Leaves out what the tables of amavis do not tell. */
  readonly sift: (candidates: readonly Candidate[]) => Promise<readonly Candidate[]>
  /** When it stops, in milliseconds since the epoch. */
  readonly until: number
  readonly clock: () => number
}

/** What becomes one line of the list: never empty. */
export type Line = readonly Candidate[]

export interface Gathered {
  /** The newest first. */
  readonly lines: readonly Line[]
  /** Where to go on; undefined: the window has been looked through. */
  readonly stoppedAt: Position | undefined
}

/**
 * Reads from a source, the newest mail first, until there are enough lines. It stops after a while, and says where.
 */
export async function gather(
  source: Source,
  { start, from, enough, linesOf, sift, until, clock }: Gathering,
): Promise<Gathered> {
  const found: Candidate[] = []
  let lines: readonly Line[] = []
  let to = start.timeNum
  let size = Math.min(LARGEST_SLICE, Math.max(SMALLEST_SLICE, 2 * enough))
  while (to >= from && lines.length < enough) {
    const readingSince = clock()
    const stretch = await source.read({ from, to }, size)
    const fresh = await sift(stretch.candidates.filter(candidate => isAfter(candidate, start)))
    found.push(...[...fresh].sort(compareNewest))
    lines = linesOf(found)
    to = stretch.from - 1
    const larger = Math.min(LARGEST_SLICE, 2 * size)
    const expected = ((clock() - readingSince) * larger) / size
    size = larger
    if (clock() + expected > until) break
  }
  return { lines, stoppedAt: to < from ? undefined : { timeNum: to } }
}

/** Messages of one step. A database that expects more may read the whole table instead. */
const LARGEST_SLICE = 1500
const SMALLEST_SLICE = 200
