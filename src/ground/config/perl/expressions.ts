import type { Cursor } from './cursor.ts'
import { interpolated } from './interpolated.ts'
import { mentionsIn } from './mentions.ts'
import {
  ASSIGNMENTS,
  BINARY,
  BRACKETS,
  LIST_CALLS,
  MODIFIERS,
  NAMED_UNARY,
  SUMS,
  UNARY,
  WORD_OPERATORS,
  WORDED,
} from './operators.ts'
import type { Expression, Statement } from './syntax.ts'
import type { Token } from './tokens.ts'

/** Parses expressions where a cursor stands. */
export class Expressions {
  readonly #tokens: Cursor
  readonly #block: () => Statement[]

  /** @param block parses the statements between two braces, for `do { … }` and its relatives */
  constructor(tokens: Cursor, block: () => Statement[]) {
    this.#tokens = tokens
    this.#block = block
  }

  /** With the operators that bind the least: `not`, `and`, `or`, and the comma. */
  whole(): Expression {
    return this.#worded(0)
  }

  #worded(level: number): Expression {
    const operators = WORDED[level]
    if (operators === undefined) {
      if (this.#tokens.word() !== 'not') return this.#list()
      this.#tokens.skip(1)
      return not(this.#worded(level))
    }
    let left = this.#worded(level + 1)
    for (
      let word = this.#tokens.word();
      word !== undefined && operators.includes(word);
      word = this.#tokens.word()
    ) {
      this.#tokens.skip(1)
      left = { kind: 'binary', operator: word, left, right: this.#worded(level + 1) }
    }
    return left
  }

  #list(): Expression {
    const items = this.#items()
    const [only] = items
    return items.length === 1 && only ? only : { kind: 'list', items }
  }

  /** Values with commas between them, up to whatever cannot belong to the list. */
  #items(): Expression[] {
    const items: Expression[] = []
    while (!this.#endsList()) {
      items.push(this.#assignment())
      if (!this.#tokens.accept(',') && !this.#tokens.accept('=>')) break
      while (this.#tokens.accept(','));
    }
    return items
  }

  #endsList(): boolean {
    const token = this.#tokens.peek()
    if (token === undefined) return true
    if (token.kind === 'word') return MODIFIERS.has(token.text) && !this.#tokens.is('=>', 1)
    return token.kind === 'operator' && /^(?:[)\]};:])$/.test(token.text)
  }

  #assignment(): Expression {
    const target = this.#choice()
    const token = this.#tokens.peek()
    if (token?.kind !== 'operator' || !ASSIGNMENTS.has(token.text)) return target
    this.#tokens.skip(1)
    return { kind: 'assign', operator: token.text, target, value: this.#assignment() }
  }

  #choice(): Expression {
    const condition = this.#binary(0)
    if (!this.#tokens.accept('?')) return condition
    const yes = this.#assignment()
    this.#tokens.expect(':')
    return { kind: 'choice', condition, yes, no: this.#assignment() }
  }

  #binary(level: number): Expression {
    const operators = BINARY[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const token = this.#tokens.peek()
      const isOperator = token?.kind === 'operator' || token?.kind === 'word'
      if (!isOperator || !operators.has(token.text) || this.#tokens.is('=>', 1)) return left
      this.#tokens.skip(1)
      left = { kind: 'binary', operator: token.text, left, right: this.#binary(level + 1) }
    }
  }

  #unary(): Expression {
    const token = this.#tokens.peek()
    if (this.#isFileTest()) {
      this.#tokens.skip(2)
      return { kind: 'opaque', mentions: this.#argument().flatMap(mentionsIn) }
    }
    if (token?.kind === 'operator' && UNARY.has(token.text)) {
      this.#tokens.skip(1)
      const of = this.#unary()
      return token.text === '\\' ? { kind: 'reference', of } : { kind: 'unary', operator: token.text, of }
    }
    const of = this.#subscripted(this.#term())
    if (this.#tokens.accept('++') || this.#tokens.accept('--')) return { kind: 'unary', operator: '++', of }
    return of
  }

  /** `-e $file` and its relatives. */
  #isFileTest(): boolean {
    const next = this.#tokens.peek(1)
    return (
      this.#tokens.is('-') &&
      next?.kind === 'word' &&
      /^[a-zA-Z]$/.test(next.text) &&
      !this.#tokens.is('=>', 2)
    )
  }

  /** With the subscripts and arrows that follow. */
  #subscripted(start: Expression): Expression {
    let of = start
    for (;;) {
      const hasArrow = this.#tokens.accept('->')
      const canSubscript = hasArrow || of.kind === 'element' || isElementOf(of)
      if (canSubscript && (this.#tokens.is('[') || this.#tokens.is('{'))) {
        const by = this.#tokens.is('[') ? '[' : '{'
        const container: Expression =
          of.kind === 'variable' && of.sigil === '$' && !hasArrow
            ? { ...of, sigil: by === '[' ? '@' : '%' }
            : of.kind === 'deref' && of.sigil === '$' && !hasArrow
              ? of.of
              : of
        of = { kind: 'element', of: container, key: this.#subscript(), by }
      } else if (hasArrow && this.#tokens.is('(')) {
        of = { kind: 'opaque', mentions: this.#skippedMentions() }
      } else if (hasArrow) {
        this.#tokens.next()
        of = { kind: 'opaque', mentions: this.#tokens.is('(') ? this.#skippedMentions() : [] }
      } else return of
    }
  }

  #subscript(): Expression {
    const isHash = this.#tokens.is('{')
    this.#tokens.skip(1)
    const word = this.#tokens.word()
    if (isHash && word !== undefined && this.#tokens.is('}', 1)) {
      this.#tokens.skip(2)
      return { kind: 'literal', text: word }
    }
    const key = this.whole()
    this.#tokens.expect(isHash ? '}' : ']')
    return key
  }

  #skippedMentions(): string[] {
    const from = this.#tokens.at
    this.#tokens.skipOne()
    return this.#tokens.namesSince(from)
  }

  #term(): Expression {
    const token = this.#tokens.next()
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', text: String(Number(token.text)) }
      case 'string':
        return token.interpolates ? interpolated(token.text) : { kind: 'literal', text: token.text }
      case 'words':
        return { kind: 'list', items: token.words.map(text => ({ kind: 'literal', text })) }
      case 'command':
        return { kind: 'command', text: token.text }
      case 'pattern':
        return token
      case 'variable':
        return { kind: 'variable', sigil: token.sigil, name: token.name }
      case 'cast': {
        const isBlock = this.#tokens.is('{')
        const of: Expression = isBlock ? { kind: 'block', body: this.#block() } : this.#term()
        return { kind: 'deref', sigil: token.sigil, of }
      }
      case 'word':
        return this.#named(token.text)
      default:
        return this.#bracketed(token)
    }
  }

  #bracketed(token: Token & { readonly text: string }): Expression {
    const kind = BRACKETS[token.text]
    if (kind === undefined) throw this.#tokens.unexpected(token)
    const close = { '(': ')', '[': ']', '{': '}' }[token.text] ?? ''
    if (kind === 'list') {
      if (this.#tokens.accept(close)) return { kind: 'list', items: [] }
      const of = this.whole()
      this.#tokens.expect(close)
      return of.kind === 'list' ? of : { kind: 'list', items: [of] }
    }
    const items = this.#items()
    this.#tokens.expect(close)
    return { kind, items }
  }

  /** A word: a function, a constant, or a key before `=>`. */
  #named(name: string): Expression {
    if (this.#tokens.is('=>')) return { kind: 'literal', text: name }
    switch (name) {
      case 'my':
      case 'our':
      case 'local':
      case 'state':
        return this.#declared(name)
      case 'sub':
        return { kind: 'opaque', mentions: this.#skippedMentions() }
      case 'do':
      case 'eval':
        if (this.#tokens.is('{')) return { kind: 'block', body: this.#block() }
        return { kind: 'call', name, items: this.#argument() }
      case 'grep':
      case 'map':
        return this.#each(name)
      default:
    }
    if (NAMED_UNARY.has(name)) return { kind: 'call', name, items: this.#argument() }
    if (this.#tokens.accept('(')) {
      const items = this.#items()
      this.#tokens.expect(')')
      return { kind: 'call', name, items }
    }
    if (LIST_CALLS.has(name)) return { kind: 'call', name, items: this.#items() }
    return { kind: 'call', name, items: [] }
  }

  #declared(how: string): Expression {
    const target = this.#term()
    const targets = target.kind === 'list' ? target.items : [target]
    return how === 'my' || how === 'state' ? { kind: 'my', targets } : target
  }

  /** Of a function that takes one value at the most. */
  #argument(): Expression[] {
    if (this.#tokens.accept('(')) {
      const items = this.#items()
      this.#tokens.expect(')')
      return items
    }
    const token = this.#tokens.peek()
    const isThere =
      token !== undefined &&
      !this.#endsList() &&
      (token.kind !== 'operator' || UNARY.has(token.text) || token.text in BRACKETS) &&
      (token.kind !== 'word' || !WORD_OPERATORS.has(token.text))
    // It binds more than a comparison, and less than a sum.
    return isThere ? [this.#binary(SUMS)] : []
  }

  #each(name: 'grep' | 'map'): Expression {
    const hasBrackets = this.#tokens.accept('(')
    const isBlock = this.#tokens.is('{')
    const body: Expression = isBlock ? { kind: 'block', body: this.#block() } : this.#assignment()
    this.#tokens.accept(',')
    const items = this.#items()
    if (hasBrackets) this.#tokens.expect(')')
    return { kind: 'each', name, body, items }
  }
}

export const not = (of: Expression): Expression => ({ kind: 'unary', operator: '!', of })

/** `$x` and `$$x` may be followed by a subscript without an arrow. */
const isElementOf = (of: Expression): boolean =>
  (of.kind === 'variable' || of.kind === 'deref') && (of.sigil === '$' || of.sigil === '@')
