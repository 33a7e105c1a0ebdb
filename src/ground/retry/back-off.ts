/**
 * How long to wait before the next attempt, in milliseconds. The wait begins with `first` and doubles each time, up to
 * `longest`. Up to half of it is taken off at random, so that attempts that failed together are not repeated together.
 *
 * @param attempts made so far, at least 1
 * @param random from 0 (the full wait) to just below 1 (half of it)
 */
export const backOff = (attempts: number, first: number, longest: number, random: () => number): number =>
  Math.round(Math.min(first * 2 ** Math.min(attempts - 1, 30), longest) * (1 - random() / 2))
