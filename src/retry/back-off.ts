/**
 * How long to wait before the next attempt, in milliseconds: `first`, then twice as long each time, at most `longest`.
 * @param attempts made so far, at least 1
 */
export const backOff = (attempts: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.min(attempts - 1, 30), longest)
