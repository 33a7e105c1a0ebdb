import { PerlFault } from './perl-fault.ts'
import type { Token } from './tokens.ts'

/**
 * Checks that each bracket is closed by one of its kind.
 *
 * @throws PerlFault where one is not; also for more of them within each other than any configuration has
 */
export function matchBrackets(tokens: readonly Token[]): void {
  const open: { readonly text: string; readonly line: number }[] = []
  for (const token of tokens) {
    if (token.kind !== 'operator') continue
    const { text, line } = token
    if (text in CLOSES) {
      open.push({ text, line })
      if (open.length > DEEPEST) throw new PerlFault(line, 'too many brackets within each other')
    }
    if (!CLOSING.has(text)) continue
    const last = open.pop()
    if (last === undefined) throw new PerlFault(line, `a ${text} closes nothing`)
    if (CLOSES[last.text] !== text)
      throw new PerlFault(
        line,
        `a ${text} stands where the ${last.text} of line ${last.line} is to be closed`,
      )
  }
  const unclosed = open.at(-1)
  if (unclosed) throw new PerlFault(unclosed.line, `a ${unclosed.text} is never closed`)
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

const CLOSING = new Set(Object.values(CLOSES))

/** So that no text can exhaust the stack of the parser. */
const DEEPEST = 100
