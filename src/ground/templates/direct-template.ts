import type Handlebars from 'handlebars'
import type { Words } from '../i18n/locales.ts'
import { onFirstUse } from '../on-first-use.ts'

const handlebars = onFirstUse<typeof Handlebars>('handlebars')

export type Render = (model: object, words: Words) => string

type Node = hbs.AST.Node
type Expression = hbs.AST.Expression

/**
 * Compiles a Handlebars template to one function that reads the model directly. A digest is rendered for each reader,
 * and Handlebars itself takes 35 µs for one of five messages, this 5. It knows what our templates use: `{{name}}`,
 * `{{say "key" name=value}}`, `if`, `unless`, `each`, `else`, `@root`, `@first` and `@index`. As in Handlebars' strict
 * mode, a name that the model lacks is an error.
 *
 * @param escaped makes a value safe; applied to each value
 * @returns undefined when the template uses more than that: Handlebars can render it
 */
export function compileDirectly(source: string, escaped: (text: string) => string): Render | undefined {
  try {
    const body = statements(handlebars().parse(source).body, ['m'])
    const make = new Function(
      'text',
      'absent',
      'isFull',
      `return (m, words) => { let o = ''; let v; ${body} return o }`,
    ) as (text: (value: unknown) => string, missing: typeof absent, full: typeof isFull) => Render
    return make(textWith(escaped), absent, isFull)
  } catch (error) {
    if (error instanceof MoreThanDirect) return undefined
    throw error
  }
}

/** The template uses something that only Handlebars can do. */
class MoreThanDirect extends Error {}

const textWith =
  (escaped: (text: string) => string) =>
  (value: unknown): string =>
    typeof value === 'string'
      ? escaped(value)
      : value === undefined || value === null
        ? ''
        : escaped(String(value))

function absent(model: object, name: string): undefined {
  if (!(name in model)) throw new Error(`"${name}" is not defined`)
  return undefined
}

/** What counts as true in Handlebars: an empty list does not. */
const isFull = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value))

/** @param scopes the variables that hold the model and each list's current entry, the innermost last */
const statements = (nodes: readonly Node[], scopes: readonly string[]): string =>
  nodes.map(node => statement(node, scopes)).join('')

function statement(node: Node, scopes: readonly string[]): string {
  switch (node.type) {
    case 'ContentStatement':
      return `o += ${JSON.stringify((node as hbs.AST.ContentStatement).value)};`
    case 'CommentStatement':
      return ''
    case 'MustacheStatement':
      return mustache(node as hbs.AST.MustacheStatement, scopes)
    case 'BlockStatement':
      return block(node as hbs.AST.BlockStatement, scopes)
    default:
      throw new MoreThanDirect(node.type)
  }
}

function mustache(node: hbs.AST.MustacheStatement, scopes: readonly string[]): string {
  if (!node.escaped) throw new MoreThanDirect('unescaped')
  if (nameOf(node.path) === 'say') return `o += text(${said(node, scopes)});`
  if (node.params.length > 0 || node.hash) throw new MoreThanDirect('helper')
  return `o += text(${value(node.path, scopes)});`
}

function said({ params, hash }: hbs.AST.MustacheStatement, scopes: readonly string[]): string {
  const key = params[0]
  if (key?.type !== 'StringLiteral' || params.length > 1) throw new MoreThanDirect('key')
  const values = (hash?.pairs ?? []).map(pair => `${JSON.stringify(pair.key)}: ${value(pair.value, scopes)}`)
  const written = JSON.stringify((key as hbs.AST.StringLiteral).value)
  return values.length === 0 ? `words.say(${written})` : `words.say(${written}, { ${values.join(', ')} })`
}

function block(node: hbs.AST.BlockStatement, scopes: readonly string[]): string {
  const [subject, ...more] = node.params
  if (!subject || more.length > 0 || (node.hash?.pairs.length ?? 0) > 0)
    throw new MoreThanDirect('parameters')
  if (node.program?.blockParams?.length) throw new MoreThanDirect('block parameters')
  const then = node.program?.body ?? []
  const otherwise = node.inverse?.body ?? []
  switch (nameOf(node.path)) {
    case 'if':
      return choice(value(subject, scopes), then, otherwise, scopes)
    case 'unless':
      return choice(value(subject, scopes), otherwise, then, scopes)
    case 'each':
      return loop(value(subject, scopes), then, otherwise, scopes)
    default:
      throw new MoreThanDirect('block')
  }
}

const choice = (
  condition: string,
  then: readonly Node[],
  otherwise: readonly Node[],
  scopes: readonly string[],
): string =>
  `if (isFull(${condition})) { ${statements(then, scopes)} } else { ${statements(otherwise, scopes)} }`

function loop(list: string, each: readonly Node[], otherwise: readonly Node[], scopes: readonly string[]) {
  const entry = `e${scopes.length}`
  const all = `l${scopes.length}`
  const body = statements(each, [...scopes, entry])
  return `{ const ${all} = ${list}; if (isFull(${all})) { for (let i${entry} = 0; i${entry} < ${all}.length; i${entry}++) { const ${entry} = ${all}[i${entry}]; ${body} } } else { ${statements(otherwise, scopes)} } }`
}

/** An expression for what a path leads to. A part of it that is missing is an error, unless what holds it is empty. */
function value(expression: Expression, scopes: readonly string[]): string {
  if (expression.type === 'StringLiteral' || expression.type === 'NumberLiteral') {
    return JSON.stringify((expression as hbs.AST.StringLiteral | hbs.AST.NumberLiteral).value)
  }
  if (expression.type !== 'PathExpression') throw new MoreThanDirect(expression.type)
  const { data, depth, parts } = expression as hbs.AST.PathExpression
  const names = parts.map(part => (typeof part === 'string' ? part : notDirect('nested path')))
  if (data) return ofLoop(names, scopes)
  const scope = scopes[scopes.length - 1 - depth] ?? notDirect('depth')
  return names.length === 0 ? scope : read(scope, names)
}

function ofLoop([name = '', ...rest]: readonly string[], scopes: readonly string[]): string {
  if (name === 'root') return read('m', rest)
  const index = scopes.length > 1 && rest.length === 0 ? `i${scopes.at(-1)}` : notDirect('data')
  if (name === 'index') return index
  return name === 'first' ? `${index} === 0` : notDirect('data')
}

function read(scope: string, [name = '', ...rest]: readonly string[]): string {
  const key = JSON.stringify(name)
  const found = `((v = ${scope}[${key}]) === undefined ? absent(${scope}, ${key}) : v)`
  // A longer path leads through a value that a condition has checked, or reads as nothing.
  return rest.reduce((holder, part) => `${holder}?.[${JSON.stringify(part)}]`, found)
}

const nameOf = (path: Node): string | undefined =>
  path.type === 'PathExpression' ? (path as hbs.AST.PathExpression).original : undefined

function notDirect(what: string): never {
  throw new MoreThanDirect(what)
}
