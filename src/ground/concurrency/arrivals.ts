/** Lets one who takes things as they are made wait for more of them. */
export interface Arrivals {
  /** Waits until more have come since it was last called. @returns false once no more will come */
  more(): Promise<boolean>
  /** Resolves once no more will come. */
  readonly ended: Promise<void>
  came(): void
  end(): void
}

/** Arrivals for one taker. */
export function arrivals(): Arrivals {
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<void>()
  let hasCome = false
  let hasEnded = false
  let wake = () => {}
  return {
    async more() {
      if (!hasCome && !hasEnded) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
      const isMore = hasCome
      hasCome = false
      return isMore
    },
    ended,
    came() {
      hasCome = true
      wake()
    },
    end() {
      hasEnded = true
      resolveEnded()
      wake()
    },
  }
}
