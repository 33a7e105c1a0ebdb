import { PerlFault } from './perl-fault.ts'

/** What stands in quotes, or in one of Perl's many other ways to quote. */
export type Quoted =
  | { readonly kind: 'string'; readonly text: string; readonly interpolates: boolean }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** What a shell would run: backticks and `qx`. */
  | { readonly kind: 'command'; readonly text: string }
  /** A regular expression; `changes` for `s` and `tr`, which write to what they are applied to. */
  | { readonly kind: 'pattern'; readonly text: string; readonly flags: string; readonly changes: boolean }

/**
 * @param awaitsTerm whether a value may stand here, so that `/` begins a pattern instead of being an operator
 * @returns undefined if nothing is quoted here
 * @throws PerlFault if the quote does not end
 */
export function quotedAt(
  perl: string,
  at: number,
  awaitsTerm: boolean,
  line: number,
): { readonly token: Quoted; readonly end: number } | undefined {
  const open = perl[at] ?? ''
  if (open === "'" || open === '"' || open === '`') return quoted(NAMES[open], perl, at, line)
  if (!awaitsTerm) return undefined
  if (open === '/') return quoted('m', perl, at, line)
  OPERATOR.lastIndex = at
  const [whole, name] = OPERATOR.exec(perl) ?? []
  return whole === undefined || name === undefined ? undefined : quoted(name, perl, at + whole.length, line)
}

const NAMES = { "'": 'q', '"': 'qq', '`': 'qx' } as const

/** A `#` is a delimiter only if it follows at once. Before `=>` and `,`, and in `{s}`, the letters are a word. */
const OPERATOR =
  /(?<![\w$@%&>-]|\{\s*(?=\w+\s*\}))(q[qwxr]?|m|s|tr|y)(?:\s+(?![#=\w\s])|(?=[^\s\w=,;)])|(?==(?![>=~ ])))(?!\s*=>)/y

/** @param at where the opening delimiter stands */
function quoted(name: string, perl: string, at: number, line: number): { token: Quoted; end: number } {
  const first = delimited(perl, at, line)
  const inner = perl.slice(at + 1, first)
  const [open = '', close = ''] = [perl[at], perl[first]]
  switch (name) {
    case 'q':
      return {
        token: { kind: 'string', text: single(inner, open, close), interpolates: false },
        end: first + 1,
      }
    case 'qq': {
      // "it's" keeps its escapes, except those of another delimiter than the usual one.
      const text = open === '"' ? inner : inner.replaceAll(`\\${close}`, close)
      return { token: { kind: 'string', text, interpolates: true }, end: first + 1 }
    }
    case 'qw':
      return { token: { kind: 'words', words: inner.split(/\s+/).filter(Boolean) }, end: first + 1 }
    case 'qx':
      return { token: { kind: 'command', text: inner }, end: first + 1 }
    default:
      return pattern(name, perl, inner, first, { open, close, line })
  }
}

function pattern(
  name: string,
  perl: string,
  text: string,
  first: number,
  { open, close, line }: { readonly open: string; readonly close: string; readonly line: number },
): { token: Quoted; end: number } {
  const changes = name === 's' || name === 'tr' || name === 'y'
  const second = changes && open !== close ? perl.slice(first + 1).search(/\S/) + first + 1 : first
  const last = changes ? delimited(perl, second, line) : first
  const flags = /^\w*/.exec(perl.slice(last + 1, last + 20))?.[0] ?? ''
  return { token: { kind: 'pattern', text, flags, changes }, end: last + 1 + flags.length }
}

/** @returns where the closing delimiter stands; brackets may be nested */
function delimited(perl: string, at: number, line: number): number {
  const open = perl[at] ?? ''
  const close = PAIRS[open] ?? open
  let depth = 1
  for (let index = at + 1; index < perl.length; index += 1) {
    const character = perl[index]
    if (character === '\\') index += 1
    else if (character === close) depth -= 1
    else if (character === open) depth += 1
    if (depth === 0) return index
  }
  throw new PerlFault(line, `what begins with ${open} does not end`)
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** In single quotes, only a backslash and the delimiters can be escaped. */
const single = (text: string, open: string, close: string): string =>
  text.replaceAll(/\\([\s\S])/g, (whole: string, character: string) =>
    character === '\\' || character === open || character === close ? character : whole,
  )
