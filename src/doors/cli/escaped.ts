/**
 * A message with the control characters in it written out, as \u001b. Its own line breaks stay; those of the arguments
 * that it quotes are written out too.
 *
 * @param args the arguments of the command
 */
export function escaped(message: string, args: readonly string[]): string {
  const quoted = args.flatMap(partsOf).filter(part => HAS_CONTROL.test(part))
  const longestFirst = quoted.toSorted((a, b) => b.length - a.length)
  const text = longestFirst.reduce((rest, part) => rest.replaceAll(part, () => writtenOut(part)), message)
  return text.replace(CONTROL, character => (character === '\n' ? character : codeOf(character)))
}

/** A message may quote an argument as it is, its trimmed text, or the value of `--option=value`. */
const partsOf = (arg: string): string[] => {
  const value = arg.slice(arg.indexOf('=') + 1)
  return [arg, arg.trim(), value, value.trim()].filter(part => part !== '')
}

const writtenOut = (text: string): string => text.replace(CONTROL, codeOf)

/** Also marks of direction, other line separators and lone surrogates: they too change how a line looks. */
const CONTROL = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu
const HAS_CONTROL = new RegExp(CONTROL.source, 'u')

function codeOf(character: string): string {
  if (character === '\n') return '\\n'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
