/** Pseudo-random numbers: the same seed gives the same numbers. */
export interface Random {
  /** 0 ≤ n < 1. */
  next(): number
  /** An integer; both bounds are included. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  /** One of the values of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** One of the values, each with a probability in proportion to its weight. */
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T
}

/** mulberry32: 32 bits of state, good enough to choose what breaks next. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    chance: probability => next() < probability,
    pick: list => {
      const index = between(0, list.length - 1)
      for (const value of list.slice(index, index + 1)) return value
      throw new Error('nothing to pick from')
    },
    weighted: list => {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of list) {
        left -= weight
        if (left < 0) return value
      }
      throw new Error('nothing to choose from')
    },
  }
}
