import { matchBrackets } from './brackets.ts'
import { interpolated } from './interpolated.ts'
import { mentionsIn } from './mentions.ts'
import { PerlFault } from './perl-fault.ts'
import type { Branch, Expression, Statement } from './syntax.ts'
import { type Token, tokensOf } from './tokens.ts'

/**
 * Parses the part of Perl that configurations are written in. A statement that we do not understand becomes `unknown`,
 * and the next one is read.
 *
 * @throws PerlFault for text that Perl itself would refuse: brackets, strings and here-documents that do not end
 */
export function parse(perl: string): Statement[] {
  const tokens = tokensOf(perl)
  matchBrackets(tokens)
  return new Parser(tokens).statements()
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Up to the end, or to the bracket that closes the block. */
  statements(): Statement[] {
    const statements: Statement[] = []
    while (this.#peek() && !this.#is('}')) {
      const before = this.#at
      try {
        statements.push(...this.#statement())
      } catch (error) {
        if (!(error instanceof PerlFault)) throw error
        this.#at = before
        statements.push(this.#skipped())
      }
    }
    return statements
  }

  /** Everything up to the semicolon that ends the statement. */
  #skipped(): Statement {
    const line = this.#peek()?.line ?? 0
    const from = this.#at
    while (this.#peek() && !this.#is(';') && !this.#is('}')) this.#skipOne()
    this.#accept(';')
    return { kind: 'unknown', mentions: namesIn(this.#tokens.slice(from, this.#at)), line }
  }

  /** One token, or all up to the bracket that closes what this one opens. */
  #skipOne(): void {
    let depth = 0
    do {
      const token = this.#next()
      if (token.kind === 'operator' && /^[([{]$/.test(token.text)) depth += 1
      if (token.kind === 'operator' && /^[)\]}]$/.test(token.text)) depth -= 1
    } while (depth > 0)
  }

  #statement(): Statement[] {
    const { line } = this.#peek() ?? { line: 0 }
    if (this.#accept(';')) return []
    if (this.#is('{')) return [{ kind: 'group', body: this.#block(), line }]
    const word = this.#word()
    if (word !== undefined && !this.#is('=>', 1)) {
      if (this.#is(':', 1) && /^[A-Z]+$/.test(word)) {
        this.#at += 2
        return this.#statement()
      }
      switch (word) {
        case 'use':
        case 'no':
        case 'package':
        case 'format':
          while (this.#peek() && !this.#is(';')) this.#skipOne()
          return []
        case 'BEGIN':
        case 'INIT':
          this.#at += 1
          return [{ kind: 'group', body: this.#block(), line }]
        case 'sub':
          if (this.#peek(1)?.kind !== 'word') break
          while (!this.#is('{')) this.#next()
          this.#skipOne()
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
    const of = this.#expression()
    const statement = this.#modified({ kind: 'expression', of, line })
    if (!this.#accept(';') && this.#peek() && !this.#is('}')) throw this.#unexpected()
    return [statement]
  }

  #block(): Statement[] {
    this.#expect('{')
    const body = this.statements()
    this.#expect('}')
    return body
  }

  #branches(): Branch[] {
    const negates = this.#word() === 'unless'
    const branches: Branch[] = []
    do {
      this.#at += 1
      this.#expect('(')
      const condition = this.#expression()
      this.#expect(')')
      branches.push({
        condition: negates && branches.length === 0 ? not(condition) : condition,
        body: this.#block(),
      })
    } while (this.#word() === 'elsif')
    if (this.#word() === 'else') {
      this.#at += 1
      branches.push({ condition: { kind: 'literal', text: '1' }, body: this.#block() })
    }
    return branches
  }

  #loop(line: number): Statement {
    this.#at += 1
    const from = this.#at
    while (!this.#is('{') && !this.#is('(')) this.#next()
    const [variable] = namesIn(this.#tokens.slice(from, this.#at))
    if (this.#is('(')) this.#skipOne()
    const over: Expression = { kind: 'opaque', mentions: namesIn(this.#tokens.slice(from, this.#at)) }
    return { kind: 'loop', variable, over, body: this.#block(), line }
  }

  /** With an `if` or the like after it. */
  #modified(statement: Statement): Statement {
    const word = this.#word()
    const { line } = statement
    switch (word) {
      case 'if':
      case 'unless': {
        this.#at += 1
        const condition = this.#expression()
        const branch = { condition: word === 'if' ? condition : not(condition), body: [statement] }
        return { kind: 'if', branches: [branch], line }
      }
      case 'for':
      case 'foreach':
      case 'while':
      case 'until':
        this.#at += 1
        return { kind: 'loop', variable: '_', over: this.#expression(), body: [statement], line }
      default:
        return statement
    }
  }

  /** With the operators that bind the least: `not`, `and`, `or`, and the comma. */
  #expression(): Expression {
    return this.#worded(0)
  }

  #worded(level: number): Expression {
    const operators = WORDED[level]
    if (operators === undefined) {
      if (this.#word() !== 'not') return this.#list()
      this.#at += 1
      return not(this.#worded(level))
    }
    let left = this.#worded(level + 1)
    for (let word = this.#word(); word !== undefined && operators.includes(word); word = this.#word()) {
      this.#at += 1
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
      if (!this.#accept(',') && !this.#accept('=>')) break
      while (this.#accept(','));
    }
    return items
  }

  #endsList(): boolean {
    const token = this.#peek()
    if (token === undefined) return true
    if (token.kind === 'word') return MODIFIERS.has(token.text) && !this.#is('=>', 1)
    return token.kind === 'operator' && /^(?:[)\]};:])$/.test(token.text)
  }

  #assignment(): Expression {
    const target = this.#choice()
    const token = this.#peek()
    if (token?.kind !== 'operator' || !ASSIGNMENTS.has(token.text)) return target
    this.#at += 1
    return { kind: 'assign', operator: token.text, target, value: this.#assignment() }
  }

  #choice(): Expression {
    const condition = this.#binary(0)
    if (!this.#accept('?')) return condition
    const yes = this.#assignment()
    this.#expect(':')
    return { kind: 'choice', condition, yes, no: this.#assignment() }
  }

  #binary(level: number): Expression {
    const operators = BINARY[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const token = this.#peek()
      const isOperator = token?.kind === 'operator' || token?.kind === 'word'
      if (!isOperator || !operators.has(token.text) || this.#is('=>', 1)) return left
      this.#at += 1
      left = { kind: 'binary', operator: token.text, left, right: this.#binary(level + 1) }
    }
  }

  #unary(): Expression {
    const token = this.#peek()
    if (this.#isFileTest()) {
      this.#at += 2
      return { kind: 'opaque', mentions: this.#argument().flatMap(mentionsIn) }
    }
    if (token?.kind === 'operator' && UNARY.has(token.text)) {
      this.#at += 1
      const of = this.#unary()
      return token.text === '\\' ? { kind: 'reference', of } : { kind: 'unary', operator: token.text, of }
    }
    const of = this.#subscripted(this.#term())
    if (this.#accept('++') || this.#accept('--')) return { kind: 'unary', operator: '++', of }
    return of
  }

  /** `-e $file` and its relatives. */
  #isFileTest(): boolean {
    const next = this.#peek(1)
    return this.#is('-') && next?.kind === 'word' && /^[a-zA-Z]$/.test(next.text) && !this.#is('=>', 2)
  }

  /** With the subscripts and arrows that follow. */
  #subscripted(start: Expression): Expression {
    let of = start
    for (;;) {
      const hasArrow = this.#accept('->')
      const canSubscript = hasArrow || of.kind === 'element' || isElementOf(of)
      if (canSubscript && (this.#is('[') || this.#is('{'))) {
        const by = this.#is('[') ? '[' : '{'
        const container: Expression =
          of.kind === 'variable' && of.sigil === '$' && !hasArrow
            ? { ...of, sigil: by === '[' ? '@' : '%' }
            : of.kind === 'deref' && of.sigil === '$' && !hasArrow
              ? of.of
              : of
        of = { kind: 'element', of: container, key: this.#subscript(), by }
      } else if (hasArrow && this.#is('(')) {
        of = { kind: 'opaque', mentions: this.#skippedMentions() }
      } else if (hasArrow) {
        this.#next()
        of = { kind: 'opaque', mentions: this.#is('(') ? this.#skippedMentions() : [] }
      } else return of
    }
  }

  #subscript(): Expression {
    const isHash = this.#is('{')
    this.#at += 1
    const word = this.#word()
    if (isHash && word !== undefined && this.#is('}', 1)) {
      this.#at += 2
      return { kind: 'literal', text: word }
    }
    const key = this.#expression()
    this.#expect(isHash ? '}' : ']')
    return key
  }

  #skippedMentions(): string[] {
    const from = this.#at
    this.#skipOne()
    return namesIn(this.#tokens.slice(from, this.#at))
  }

  #term(): Expression {
    const token = this.#next()
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
        const isBlock = this.#is('{')
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
    if (kind === undefined) throw this.#unexpected(token)
    const close = { '(': ')', '[': ']', '{': '}' }[token.text] ?? ''
    if (kind === 'list') {
      if (this.#accept(close)) return { kind: 'list', items: [] }
      const of = this.#expression()
      this.#expect(close)
      return of.kind === 'list' ? of : { kind: 'list', items: [of] }
    }
    const items = this.#items()
    this.#expect(close)
    return { kind, items }
  }

  /** A word: a function, a constant, or a key before `=>`. */
  #named(name: string): Expression {
    if (this.#is('=>')) return { kind: 'literal', text: name }
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
        if (this.#is('{')) return { kind: 'block', body: this.#block() }
        return { kind: 'call', name, items: this.#argument() }
      case 'grep':
      case 'map':
        return this.#each(name)
      default:
    }
    if (NAMED_UNARY.has(name)) return { kind: 'call', name, items: this.#argument() }
    if (this.#accept('(')) {
      const items = this.#items()
      this.#expect(')')
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
    if (this.#accept('(')) {
      const items = this.#items()
      this.#expect(')')
      return items
    }
    const token = this.#peek()
    const isThere =
      token !== undefined &&
      !this.#endsList() &&
      (token.kind !== 'operator' || UNARY.has(token.text) || token.text in BRACKETS) &&
      (token.kind !== 'word' || !WORD_OPERATORS.has(token.text))
    // It binds more than a comparison, and less than a sum.
    return isThere ? [this.#binary(SUMS)] : []
  }

  #each(name: 'grep' | 'map'): Expression {
    const hasBrackets = this.#accept('(')
    const isBlock = this.#is('{')
    const body: Expression = isBlock ? { kind: 'block', body: this.#block() } : this.#assignment()
    this.#accept(',')
    const items = this.#items()
    if (hasBrackets) this.#expect(')')
    return { kind: 'each', name, body, items }
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  #word(): string | undefined {
    const token = this.#peek()
    return token?.kind === 'word' ? token.text : undefined
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead)
    return token?.kind === 'operator' && token.text === text
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at += 1
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected()
  }

  #next(): Token {
    const token = this.#peek()
    if (token === undefined) throw this.#unexpected()
    this.#at += 1
    return token
  }

  #unexpected(token = this.#peek()): PerlFault {
    return new PerlFault(token?.line ?? 0, 'it is not understood')
  }
}

const not = (of: Expression): Expression => ({ kind: 'unary', operator: '!', of })

/** `$x` and `$$x` may be followed by a subscript without an arrow. */
const isElementOf = (of: Expression): boolean =>
  (of.kind === 'variable' || of.kind === 'deref') && (of.sigil === '$' || of.sigil === '@')

/** The names of the variables in some tokens. */
const namesIn = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(token => (token.kind === 'variable' ? [token.name] : []))

const BRACKETS: Readonly<Record<string, 'list' | 'array' | 'hash'>> = {
  '(': 'list',
  '[': 'array',
  '{': 'hash',
}

const MODIFIERS = new Set(['if', 'unless', 'for', 'foreach', 'while', 'until', 'and', 'or', 'xor', 'not'])

/** From the one that binds least. */
const WORDED = [['or', 'xor'], ['and']]

const ASSIGNMENTS = new Set('= .= += -= *= /= %= x= |= &= ^= ||= &&= //= **= <<= >>='.split(' '))

/** From those that bind least. */
const BINARY = [
  '.. ...',
  '|| //',
  '&&',
  '| ^',
  '&',
  '== != <=> eq ne cmp',
  '< > <= >= lt gt le ge',
  '<< >>',
  '+ - .',
  '* / % x',
  '=~ !~',
  '**',
].map(operators => new Set(operators.split(' ')))

const SUMS = 8

const UNARY = new Set(['!', '~', '\\', '-', '+', '++', '--'])

const WORD_OPERATORS = new Set(['eq', 'ne', 'cmp', 'lt', 'gt', 'le', 'ge', 'x'])

const NAMED_UNARY = new Set(
  'defined ref scalar lc uc lcfirst ucfirst undef exists delete require chomp chop length shift pop keys values each readline exit'.split(
    ' ',
  ),
)

const LIST_CALLS = new Set(
  'push unshift splice join return die warn print printf sprintf include_config_files include_optional_config_files reverse sort'.split(
    ' ',
  ),
)
