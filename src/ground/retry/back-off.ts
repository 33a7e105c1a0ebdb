/**
 * How long to wait before the next attempt, in milliseconds: `first`, then twice as long each time, at most `longest`;
 * of that, something between the half and the whole, so that what failed together is not tried again together.
 *
 * @param attempts made so far, at least 1
 * @param random from 0 (the whole wait) to just below 1 (half of it)
 */
export const backOff = (attempts: number, first: number, longest: number, random: () => number): number =>
  Math.round(Math.min(first * 2 ** Math.min(attempts - 1, 30), longest) * (1 - random() / 2))
