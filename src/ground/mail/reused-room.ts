/** Room for octets that are read again at once. It is reused, because a fresh one for each mail takes as long as encoding it. */
export function reusedRoom(): { atLeast(length: number): Buffer } {
  let kept = Buffer.alloc(0)
  return {
    atLeast(length) {
      if (length > MOST_KEPT) return Buffer.allocUnsafeSlow(length)
      if (length > kept.length) kept = Buffer.allocUnsafeSlow(Math.min(length * 2, MOST_KEPT))
      return kept
    },
  }
}

/** A rare large text gets a room of its own. The HTML of a digest has 102,400 octets at most. */
const MOST_KEPT = 512 * 1024
