import type { Expression } from './syntax.ts'

/** A text in double quotes: `"$host:[$port]"`, `"$MYHOME/x"`, `"a\@b"`. */
export function interpolated(text: string): Expression {
  const parts: Expression[] = []
  let plain = ''
  let from = 0
  for (const match of text.matchAll(PART)) {
    plain += text.slice(from, match.index)
    from = match.index + match[0].length
    const part = partOf(match)
    if (typeof part === 'string') plain += part
    else {
      parts.push({ kind: 'literal', text: plain }, part)
      plain = ''
    }
  }
  parts.push({ kind: 'literal', text: plain + text.slice(from) })
  const [only] = parts
  return parts.length === 1 && only ? only : { kind: 'text', parts }
}

/**
 * An escape, a block whose value is taken, or a variable with a subscript. `@` needs a name: `\@` is not the only way to
 * write an address, `a@` does too. A `[` after a variable is a subscript only with a number or a variable in it.
 */
const PART =
  /\\(?:x\{(?<wide>[\da-f]+)\}|x(?<narrow>[\da-f]{1,2})|(?<escaped>[\s\S]))|(?<block>[$@]\{\s*[^\w\s^][^}]*\}?)|(?<sigil>[$@])(?:\{\s*(?<braced>\w+)\s*\}|(?<name>(?:::)?[A-Za-z_]\w*(?:::\w+)*))(?<subscript>\[-?\d+\]|\[\$\w+\]|->[[{][^\]}]*[\]}]|\{[^{}]*\})?/giu

function partOf({ groups = {} }: RegExpExecArray): Expression | string {
  const { wide, narrow, escaped, block, sigil, subscript, braced, name: plain } = groups
  const code = wide ?? narrow
  if (code !== undefined) return characterOf(Number.parseInt(code, 16))
  if (escaped !== undefined) return CASES.has(escaped) ? OPAQUE : (ESCAPES[escaped] ?? escaped)
  if (block !== undefined) return OPAQUE
  const name = (plain ?? braced ?? '').replace(/^(?:::)?(?:main::)?(?:Amavis::Conf::)?/, '')
  if (subscript === undefined) return { kind: 'variable', sigil: sigil === '@' ? '@' : '$', name }
  return elementOf(name, subscript)
}

const OPAQUE: Expression = { kind: 'opaque', mentions: [] }

function elementOf(name: string, subscript: string): Expression {
  const [, arrow = '', open, key = ''] = /^(->)?([[{])\s*(.*?)\s*[\]}]$/.exec(subscript) ?? []
  const plain = /^(?:'([^'\\]*)'|"([^"\\$@]*)"|(-?\w[\w-]*))$/.exec(key)
  if (!plain || (open !== '[' && open !== '{')) return OPAQUE
  const sigil = arrow ? '$' : open === '[' ? '@' : '%'
  return {
    kind: 'element',
    of: { kind: 'variable', sigil, name },
    key: { kind: 'literal', text: plain[1] ?? plain[2] ?? plain[3] ?? '' },
    by: open,
  }
}

const characterOf = (code: number): string => (code > 0x10_ff_ff ? '' : String.fromCodePoint(code))

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  b: '\b',
  a: '\u{7}',
  e: '\u{1b}',
  0: '\0',
}

/** They change the case of what follows. */
const CASES = new Set(['U', 'L', 'u', 'l', 'Q', 'E', 'N', 'c'])
