/** Passes pieces on as they come, and asks for the next one while one is being worked on. */
export async function* readAhead<T>(pieces: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = pieces.next()
  try {
    for (let piece = await next; !piece.done; piece = await next) {
      next = pieces.next()
      next.catch(ignoreUntilAwaited)
      yield piece.value
    }
  } finally {
    await next.catch(ignoreUntilAwaited)
    await pieces.return(undefined)
  }
}

const ignoreUntilAwaited = () => undefined
