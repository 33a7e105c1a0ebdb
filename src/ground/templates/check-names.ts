import type Handlebars from 'handlebars'
import { CodedError } from '../errors.ts'
import { onFirstUse } from '../on-first-use.ts'

const handlebars = onFirstUse<typeof Handlebars>('handlebars')

/** What a template may name. */
export interface KnownNames {
  readonly partials: ReadonlySet<string>
  /** The keys of the sentences. */
  readonly sentences: ReadonlySet<string>
}

/**
 * Checks the partials and sentences that a template names, also where its conditions hide them from a sample.
 *
 * @throws CodedError TEMPLATE_INVALID that names the file, the line and the misspelt name
 */
export function checkNames(file: string, source: string, known: KnownNames): void {
  const fault = (line: number, reason: string) =>
    new CodedError('TEMPLATE_INVALID', `${file}:${line}: ${reason}`)
  const checkSentence = ({ path, params }: Pick<hbs.AST.MustacheStatement, 'path' | 'params'>) => {
    const [key] = params
    if (!('original' in path) || path.original !== 'say' || key?.type !== 'StringLiteral') return
    const { value } = key as hbs.AST.StringLiteral
    if (!known.sentences.has(value)) throw fault(key.loc.start.line, `there is no sentence "${value}"`)
  }
  const checkPartial = ({ name, loc }: Pick<hbs.AST.PartialStatement, 'name' | 'loc'>) => {
    const text = 'original' in name ? String(name.original) : undefined
    if (text === undefined || text === '@partial-block' || known.partials.has(text)) return
    throw fault(loc.start.line, `there is no partial "${text}"`)
  }
  class Names extends handlebars().Visitor {
    override PartialStatement(partial: hbs.AST.PartialStatement): void {
      checkPartial(partial)
      super.PartialStatement(partial)
    }
    override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
      checkPartial(partial)
      super.PartialBlockStatement(partial)
    }
    override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
      checkSentence(mustache)
      super.MustacheStatement(mustache)
    }
    override SubExpression(expression: hbs.AST.SubExpression): void {
      checkSentence(expression)
      super.SubExpression(expression)
    }
  }
  new Names().accept(handlebars().parse(source))
}

/** The partials that a template defines itself: `{{#*inline "name"}}`. */
export const inlinePartials = (source: string): string[] =>
  [...source.matchAll(/\{\{~?#\*\s*inline\s+["']([^"']+)["']/g)].map(([, name = '']) => name)

/**
 * Turns the failure to render a page or mail into one that names a file.
 *
 * @param sources the files that it is made of, itself first, with their texts
 */
export function unrenderable(error: unknown, sources: ReadonlyMap<string, string>): CodedError {
  const reason = error instanceof Error ? error.message : String(error)
  const [, name = '', line = ''] = /^"([^"]+)" not defined in .* - (\d+):\d+$/.exec(reason) ?? []
  const hasName = (text: string | undefined) => name !== '' && text?.includes(name)
  const atLine = [...sources].find(([, source]) => hasName(source.split('\n')[Number(line) - 1]))
  // MJML moves the lines.
  const anywhere = [...sources].find(([, source]) => hasName(source))
  const [file] = atLine ?? anywhere ?? [...sources][0] ?? ['a template']
  const where = atLine ? `${file}:${line}` : file
  const what = name === '' ? reason : `there is no "${name}" here`
  return new CodedError('TEMPLATE_INVALID', `${where}: cannot be rendered: ${what}`, { cause: error })
}
