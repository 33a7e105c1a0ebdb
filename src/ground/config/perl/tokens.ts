import { PerlFault } from './perl-fault.ts'
import { type Quoted, quotedAt } from './quotes.ts'

/** A piece of Perl's text. `line` counts from 1. */
export type Token = { readonly line: number } & (
  | { readonly kind: 'variable'; readonly sigil: Sigil; readonly name: string }
  /** A sigil before a reference: `@$list`, `%{ … }`. */
  | { readonly kind: 'cast'; readonly sigil: Sigil }
  | { readonly kind: 'number' | 'word' | 'operator'; readonly text: string }
  | Quoted
)

export type Sigil = '$' | '@' | '%' | '&'

/**
 * Splits Perl's text into tokens. Comments, POD and what follows `__END__` are left out.
 *
 * @throws PerlFault for a string or a here-document that does not end
 */
export function tokensOf(perl: string): Token[] {
  return new Scanner(perl.replace(/^\u{feff}/u, '').replaceAll('\r\n', '\n')).tokens()
}

interface HereDocument {
  /** Where its token stands. */
  readonly index: number
  readonly end: string
  readonly isIndented: boolean
  readonly interpolates: boolean
  readonly line: number
}

class Scanner {
  readonly #text: string
  readonly #tokens: Token[] = []
  /** Here-documents whose text begins on the next line. */
  #awaited: HereDocument[] = []
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  tokens(): Token[] {
    this.#skipPod()
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '\n') this.#beginLine()
      else if (this.#take(END)) break
      else if (!this.#take(SPACE)) this.#scan()
    }
    const [open] = this.#awaited
    if (open) throw new PerlFault(open.line, `the here-document ${open.end} does not end`)
    return this.#tokens
  }

  #beginLine(): void {
    this.#move(1)
    for (const document of this.#awaited) this.#readDocument(document)
    this.#awaited = []
    this.#skipPod()
  }

  #skipPod(): void {
    this.#take(POD)
  }

  #readDocument({ index, end, isIndented, interpolates, line }: HereDocument): void {
    const lines: string[] = []
    for (;;) {
      if (this.#at >= this.#text.length) throw new PerlFault(line, `the here-document ${end} does not end`)
      const text = this.#take(WHOLE_LINE)?.[1] ?? ''
      if ((isIndented ? text.trimStart() : text) === end) break
      lines.push(text)
    }
    const indent = isIndented ? Math.min(...lines.filter(text => text.trim()).map(indentOf)) : 0
    const text = lines.map(each => `${each.slice(indent)}\n`).join('')
    this.#tokens[index] = { kind: 'string', text, interpolates, line }
  }

  #scan(): void {
    const line = this.#line
    const previous = this.#tokens.at(-1)
    const awaitsTerm = !endsTerm(previous)
    if (awaitsTerm) {
      const document = this.#take(HERE_DOCUMENT)?.groups
      if (document) {
        const { tilde, double, single, bare } = document
        const interpolates = single === undefined
        const end = double ?? single ?? bare ?? ''
        this.#awaited.push({
          index: this.#tokens.length,
          end,
          isIndented: tilde !== undefined,
          interpolates,
          line,
        })
        this.#tokens.push({ kind: 'string', text: '', interpolates, line })
        return
      }
      const handle = this.#take(READ_LINE)
      if (handle) {
        this.#tokens.push({ kind: 'command', text: handle[0], line })
        return
      }
    }
    // After a block, which ends as a subscript does, a hash is one if it is assigned to.
    if (awaitsTerm || /[$@]/.test(this.#text[this.#at] ?? '') || this.#sees(ASSIGNED_HASH)) {
      const variable = this.#take(VARIABLE)?.groups
      if (variable) {
        this.#tokens.push({
          kind: 'variable',
          sigil: sigilOf(variable.sigil),
          name: nameOf(variable.name),
          line,
        })
        return
      }
      const cast = this.#take(CAST)
      if (cast) {
        this.#tokens.push({ kind: 'cast', sigil: sigilOf(cast[0]), line })
        return
      }
    }
    const isName = previous?.kind === 'operator' && previous.text === '->'
    const quoted = isName ? undefined : quotedAt(this.#text, this.#at, awaitsTerm, line)
    if (quoted) {
      this.#move(quoted.end - this.#at)
      this.#tokens.push({ ...quoted.token, line })
      return
    }
    const number = this.#take(NUMBER)
    if (number) {
      this.#tokens.push({ kind: 'number', text: number[0].replaceAll('_', ''), line })
      return
    }
    const word = this.#take(WORD)
    if (word) {
      this.#tokens.push({ kind: 'word', text: word[0].replace(OURS, ''), line })
      return
    }
    const [text] = this.#take(OPERATOR) ?? ['']
    if (text === '') throw new PerlFault(line, 'a character that Perl does not know')
    this.#tokens.push({ kind: 'operator', text, line })
  }

  #sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#text)
  }

  /** Reads on if the text goes on so. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (!found || found[0] === '') return undefined
    this.#move(found[0].length)
    return found
  }

  #move(length: number): void {
    for (let index = this.#at; index < this.#at + length; index += 1) {
      if (this.#text[index] === '\n') this.#line += 1
    }
    this.#at += length
  }
}

/** All of these are sticky: they match where the scanner is. */
const SPACE = /(?:[^\S\n]+|#[^\n]*)+/y
const END = /__(?:END|DATA)__\b/y
const POD = /^=[A-Za-z](?:[^\n]*\n)*?(?:=cut\b[^\n]*|(?![\s\S]))/my
const WHOLE_LINE = /([^\n]*)(?:\n|$)/y
const HERE_DOCUMENT =
  /<<(?<tilde>~)?(?:[ \t]*"(?<double>[^"\n]*)"|[ \t]*'(?<single>[^'\n]*)'|(?<bare>[A-Za-z_]\w*))/y
const READ_LINE = /<(?:\$?\w*)>/y
const VARIABLE =
  /(?<sigil>\$#?|[@%&])(?<name>(?:(?:::)?\w+(?:(?:::|')(?=[A-Za-z_])\w+)*)|\{\s*\^?\w+\s*\}|(?<=\$)(?:[&`'+!@/\\,;.0-9_-](?![\w{])|[\]"](?=\s*[<>=]))|(?<=@)[_+-](?!\w))/y
const ASSIGNED_HASH = /%\w+\s*=(?!=)/y
const CAST = /\$#(?=[${])|[$@%&](?=\s*[${])/y
const NUMBER = /0[xb][\da-f_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?/iy
const WORD = /[A-Za-z_]\w*(?:::\w+)*(?:::)?/y
const OPERATOR =
  /<=>|\*\*=|\|\|=|&&=|\/\/=|\.\.\.|->|\+\+|--|\*\*|=~|!~|==|!=|<=|>=|=>|\|\||&&|\/\/|\.\.|::|<<=|>>=|<<|>>|[-+*/.%x|&^]=|[-+*/%=<>!~\\?:.,;()[\]{}|&^@$]/y

/** A variable of amavisd's may be named with the package that holds them all. */
const OURS = /^(?:::)?(?:main::)?(?:Amavis::Conf::)?/

const nameOf = (name = ''): string => name.replaceAll(/[{}\s]/g, '').replace(OURS, '')

function sigilOf(text = ''): Sigil {
  return text === '@' || text === '%' || text === '&' ? text : '$'
}

const indentOf = (text: string): number => text.length - text.trimStart().length

/** Whether the token before is a value, so that an operator comes next. */
function endsTerm(token: Token | undefined): boolean {
  if (token === undefined || token.kind === 'cast') return false
  if (token.kind === 'word') return false
  return token.kind !== 'operator' || /^(?:[)\]}]|\+\+|--)$/.test(token.text)
}
