/**
 * Reads the plain assignments of PHP text: `$conf['name'] = 'value';`. PHP is not run, and conditions are not followed:
 * the last assignment counts.
 *
 * @returns by name; undefined for a value that only PHP can know, such as `getenv('X')` or `"$x"`
 */
export function phpSettings(php: string): Map<string, string | undefined> {
  const tokens = tokensOf(php)
  const settings = new Map<string, string | undefined>()
  tokens.forEach((token, index) => {
    if (token.text !== '$conf') return
    const [open, name, close, ...rest] = tokens.slice(index + 1, index + 8)
    if (open?.text !== '[' || name?.value === undefined || close?.text !== ']') return
    const [equals, value, end] = rest[0]?.text === '.' ? rest.slice(1) : rest
    // `==` and `=>` are no assignments.
    if (equals?.text !== '=' || value?.text === '=' || value?.text === '>') return
    const isPlain = rest[0] === equals && end?.text === ';'
    settings.set(name.value, isPlain ? value?.value : undefined)
  })
  return settings
}

interface Token {
  /** As it stands in the text. */
  readonly text: string
  /** What a literal means; undefined for all else. */
  readonly value?: string | undefined
}

function tokensOf(php: string): Token[] {
  const begin = php.search(/<\?php\b/)
  if (begin < 0) return []
  const tokens: Token[] = []
  for (const match of php.slice(begin + '<?php'.length).matchAll(TOKEN)) {
    const [text] = match
    const { single, double, word, other } = match.groups ?? {}
    if (single !== undefined) tokens.push({ text, value: single.replaceAll(/\\([\\'])/g, '$1') })
    else if (double !== undefined) tokens.push({ text, value: withoutEscapes(double) })
    else if (word !== undefined) tokens.push({ text, value: /^\d+$/.test(word) ? word : undefined })
    else if (other !== undefined) tokens.push({ text })
  }
  return tokens
}

/**
 * What stands outside PHP, comments, strings, words, single characters. The first two have no group: they are no tokens.
 * A string that is not closed goes on to the end.
 */
const TOKEN = new RegExp(
  [
    String.raw`\?>[\s\S]*?(?:<\?php\b|$)`,
    String.raw`/\*[\s\S]*?(?:\*/|$)`,
    String.raw`(?://|#)(?:(?!\?>)[^\r\n])*`,
    String.raw`'(?<single>[^'\\]*(?:\\(?:[\s\S]|$)[^'\\]*)*)(?:'|$)`,
    String.raw`"(?<double>[^"\\]*(?:\\(?:[\s\S]|$)[^"\\]*)*)(?:"|$)`,
    String.raw`(?<word>\$?\w+)`,
    String.raw`(?<other>\S)`,
  ].join('|'),
  'g',
)

/** @returns undefined where a variable stands in the text, or an escape that no name of a host or database needs */
function withoutEscapes(text: string): string | undefined {
  for (const [, escaped] of text.matchAll(/\\([\s\S])|\$[\w{]|\{\$/g)) {
    if (escaped === undefined || !'\\"$'.includes(escaped)) return undefined
  }
  return text.replaceAll(/\\([\s\S])/g, '$1')
}
