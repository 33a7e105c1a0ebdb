/** The middle of several measurements, and how far apart they were. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** One line of the table. */
export interface Figure {
  readonly what: string
  /** Such as `digests/s`, `ms`, `MB`. */
  readonly unit: string
  readonly ours: Spread
  /** Another way of doing the same, measured in turns with ours. */
  readonly reference?: { readonly what: string; readonly spread: Spread }
  /** Ours in relation to the reference, formed in each round. */
  readonly ratio?: Spread
  readonly target?: Target
}

/** What a figure should be: the median of our own measurements, or of the ratios. */
export type Target = { readonly of: 'ours' | 'ratio' } & (
  | { readonly atLeast: number }
  | { readonly atMost: number }
)

export interface BenchOptions {
  /** Small volumes and few rounds, so that all cases together end within three minutes. */
  readonly quick: boolean
  /** How often each measurement is repeated. */
  readonly rounds: number
  /** Who gets how much mail, where that is uneven: the same seed gives the same data. */
  readonly seed: number
}

/** Measures one promise. It starts its own servers, and takes its reference in turns with the program. */
export interface BenchCase {
  readonly name: string
  /** The heading of its lines in the table. */
  readonly title: string
  measure(options: BenchOptions): AsyncGenerator<Figure>
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    lowest: at(0),
    highest: at(sorted.length - 1),
  }
}

/** A figure of the program alone. */
export const figure = (what: string, unit: string, ours: readonly number[], target?: Target): Figure => ({
  what,
  unit,
  ours: spreadOf(ours),
  ...(target && { target }),
})

/** A figure beside another way of doing the same. @param other one measurement for each of ours */
export const comparison = (
  what: string,
  unit: string,
  ours: readonly number[],
  other: { readonly what: string; readonly values: readonly number[] },
  target?: Target,
): Figure => ({
  ...figure(what, unit, ours, target),
  reference: { what: other.what, spread: spreadOf(other.values) },
  ratio: spreadOf(ours.map((value, index) => value / (other.values[index] ?? Number.NaN))),
})

/** Whether the target is met; undefined: there is none. */
export function isMet({ target, ours, ratio }: Figure): boolean | undefined {
  if (target === undefined) return undefined
  const value = target.of === 'ours' ? ours.median : (ratio?.median ?? Number.NaN)
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}

/**
 * Does several pieces of work in turns: whatever else the machine does then hits all of them. The order changes from
 * round to round, so that none always comes after the same other one.
 *
 * @returns what each of them gave in each round
 */
export async function inTurns<Work extends Readonly<Record<string, () => Promise<unknown>>>>(
  rounds: number,
  works: Work,
): Promise<{ readonly [Name in keyof Work]: Awaited<ReturnType<Work[Name]>>[] }> {
  const names = Object.keys(works)
  const results = Object.fromEntries(names.map(name => [name, [] as unknown[]]))
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) results[name]?.push(await works[name]?.())
  }
  return results as { readonly [Name in keyof Work]: Awaited<ReturnType<Work[Name]>>[] }
}
