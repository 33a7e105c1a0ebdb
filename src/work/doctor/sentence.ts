/**
 * A message of a check as a sentence: a capital at its begin and a full stop at its end. Names that are written small,
 * such as `amavisd`, `smtp.url` and `imaps://`, stay as they are.
 */
export function sentence(message: string): string {
  const begun = message.replace(PLAIN_WORD, word => word.charAt(0).toUpperCase() + word.slice(1))
  return ENDED.test(begun) ? begun : `${begun}.`
}

const PLAIN_WORD = /^(?!amavis)[a-z]+(?=[ ,']|:(?!\/\/)|$)/

const ENDED = /[.!?…]$/
