import { matchBrackets } from './brackets.ts'
import { Cursor } from './cursor.ts'
import { Expressions, not } from './expressions.ts'
import { PerlFault } from './perl-fault.ts'
import type { Branch, Expression, Statement } from './syntax.ts'
import { tokensOf } from './tokens.ts'

/**
 * Parses the part of Perl that configurations are written in. A statement that we do not understand becomes `unknown`,
 * and the next one is read.
 *
 * @throws PerlFault for text that Perl itself would refuse: brackets, strings and here-documents that do not end
 */
export function parse(perl: string): Statement[] {
  const tokens = tokensOf(perl)
  matchBrackets(tokens)
  return new Parser(new Cursor(tokens)).statements()
}

class Parser {
  readonly #tokens: Cursor
  readonly #expressions: Expressions

  constructor(tokens: Cursor) {
    this.#tokens = tokens
    this.#expressions = new Expressions(tokens, () => this.#block())
  }

  /** Up to the end, or to the bracket that closes the block. */
  statements(): Statement[] {
    const statements: Statement[] = []
    while (this.#tokens.peek() && !this.#tokens.is('}')) {
      const before = this.#tokens.at
      try {
        statements.push(...this.#statement())
      } catch (error) {
        if (!(error instanceof PerlFault)) throw error
        this.#tokens.at = before
        statements.push(this.#skipped())
      }
    }
    return statements
  }

  /** Everything up to the semicolon that ends the statement. */
  #skipped(): Statement {
    const line = this.#tokens.peek()?.line ?? 0
    const from = this.#tokens.at
    while (this.#tokens.peek() && !this.#tokens.is(';') && !this.#tokens.is('}')) this.#tokens.skipOne()
    this.#tokens.accept(';')
    return { kind: 'unknown', mentions: this.#tokens.namesSince(from), line }
  }

  #statement(): Statement[] {
    const { line } = this.#tokens.peek() ?? { line: 0 }
    if (this.#tokens.accept(';')) return []
    if (this.#tokens.is('{')) return [{ kind: 'group', body: this.#block(), line }]
    const word = this.#tokens.word()
    if (word !== undefined && !this.#tokens.is('=>', 1)) {
      if (this.#tokens.is(':', 1) && /^[A-Z]+$/.test(word)) {
        this.#tokens.skip(2)
        return this.#statement()
      }
      switch (word) {
        case 'use':
        case 'no':
        case 'package':
        case 'format':
          while (this.#tokens.peek() && !this.#tokens.is(';')) this.#tokens.skipOne()
          return []
        case 'BEGIN':
        case 'INIT':
          this.#tokens.skip(1)
          return [{ kind: 'group', body: this.#block(), line }]
        case 'sub':
          if (this.#tokens.peek(1)?.kind !== 'word') break
          while (!this.#tokens.is('{')) this.#tokens.next()
          this.#tokens.skipOne()
          return []
        case 'if':
        case 'unless':
          return [{ kind: 'if', branches: this.#branches(), line }]
        case 'for':
        case 'foreach':
        case 'while':
        case 'until':
          return [this.#loop(line)]
        default:
      }
    }
    const of = this.#expressions.whole()
    const statement = this.#modified({ kind: 'expression', of, line })
    if (!this.#tokens.accept(';') && this.#tokens.peek() && !this.#tokens.is('}'))
      throw this.#tokens.unexpected()
    return [statement]
  }

  #block(): Statement[] {
    this.#tokens.expect('{')
    const body = this.statements()
    this.#tokens.expect('}')
    return body
  }

  #branches(): Branch[] {
    const negates = this.#tokens.word() === 'unless'
    const branches: Branch[] = []
    do {
      this.#tokens.skip(1)
      this.#tokens.expect('(')
      const condition = this.#expressions.whole()
      this.#tokens.expect(')')
      branches.push({
        condition: negates && branches.length === 0 ? not(condition) : condition,
        body: this.#block(),
      })
    } while (this.#tokens.word() === 'elsif')
    if (this.#tokens.word() === 'else') {
      this.#tokens.skip(1)
      branches.push({ condition: { kind: 'literal', text: '1' }, body: this.#block() })
    }
    return branches
  }

  #loop(line: number): Statement {
    this.#tokens.skip(1)
    const from = this.#tokens.at
    while (!this.#tokens.is('{') && !this.#tokens.is('(')) this.#tokens.next()
    const [variable] = this.#tokens.namesSince(from)
    if (this.#tokens.is('(')) this.#tokens.skipOne()
    const over: Expression = { kind: 'opaque', mentions: this.#tokens.namesSince(from) }
    return { kind: 'loop', variable, over, body: this.#block(), line }
  }

  /** With an `if` or the like after it. */
  #modified(statement: Statement): Statement {
    const word = this.#tokens.word()
    const { line } = statement
    switch (word) {
      case 'if':
      case 'unless': {
        this.#tokens.skip(1)
        const condition = this.#expressions.whole()
        const branch = { condition: word === 'if' ? condition : not(condition), body: [statement] }
        return { kind: 'if', branches: [branch], line }
      }
      case 'for':
      case 'foreach':
      case 'while':
      case 'until':
        this.#tokens.skip(1)
        return { kind: 'loop', variable: '_', over: this.#expressions.whole(), body: [statement], line }
      default:
        return statement
    }
  }
}
