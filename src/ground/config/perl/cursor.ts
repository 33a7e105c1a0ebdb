import { PerlFault } from './perl-fault.ts'
import type { Token } from './tokens.ts'

/** A place in a list of tokens, which a parser moves on. Whatever takes a token that is not there throws PerlFault. */
export class Cursor {
  readonly #tokens: readonly Token[]
  /** The index of the next token. To set it back undoes what was read since. */
  at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token, or one of those after it. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.at + ahead]
  }

  /** The next token, if it is a word. */
  word(): string | undefined {
    const token = this.peek()
    return token?.kind === 'word' ? token.text : undefined
  }

  /** Whether an operator or a bracket stands there. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token?.kind === 'operator' && token.text === text
  }

  /** Takes an operator or a bracket if it stands there. */
  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.skip(1)
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected()
  }

  next(): Token {
    const token = this.peek()
    if (token === undefined) throw this.unexpected()
    this.skip(1)
    return token
  }

  skip(count: number): void {
    this.at += count
  }

  /** Takes one token, or all up to the bracket that closes what this one opens. */
  skipOne(): void {
    let depth = 0
    do {
      const token = this.next()
      if (token.kind === 'operator' && /^[([{]$/.test(token.text)) depth += 1
      if (token.kind === 'operator' && /^[)\]}]$/.test(token.text)) depth -= 1
    } while (depth > 0)
  }

  /** The names of the variables that were read since a place. */
  namesSince(from: number): string[] {
    return this.#tokens.slice(from, this.at).flatMap(token => (token.kind === 'variable' ? [token.name] : []))
  }

  unexpected(token = this.peek()): PerlFault {
    return new PerlFault(token?.line ?? 0, 'it is not understood')
  }
}
