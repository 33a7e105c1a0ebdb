import type { Expression, Statement } from './syntax.ts'

/** The names of all variables that stand in some statements, without their sigils. */
export function mentionsOf(statements: readonly Statement[]): Set<string> {
  return new Set(statements.flatMap(namesIn))
}

/** The names of all variables that stand in an expression. */
export function mentionsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'variable':
      return [expression.name]
    case 'opaque':
      return [...expression.mentions]
    case 'text':
      return expression.parts.flatMap(mentionsIn)
    case 'my':
      return expression.targets.flatMap(mentionsIn)
    case 'list':
    case 'array':
    case 'hash':
    case 'call':
      return expression.items.flatMap(mentionsIn)
    case 'each':
      return [expression.body, ...expression.items].flatMap(mentionsIn)
    case 'element':
      return [...mentionsIn(expression.of), ...mentionsIn(expression.key)]
    case 'deref':
    case 'reference':
    case 'unary':
      return mentionsIn(expression.of)
    case 'assign':
      return [...mentionsIn(expression.target), ...mentionsIn(expression.value)]
    case 'binary':
      return [...mentionsIn(expression.left), ...mentionsIn(expression.right)]
    case 'choice':
      return [expression.condition, expression.yes, expression.no].flatMap(mentionsIn)
    case 'block':
      return expression.body.flatMap(namesIn)
    default:
      return []
  }
}

function namesIn(statement: Statement): string[] {
  switch (statement.kind) {
    case 'expression':
      return mentionsIn(statement.of)
    case 'if':
      return statement.branches.flatMap(({ condition, body }) => [
        ...mentionsIn(condition),
        ...body.flatMap(namesIn),
      ])
    case 'loop':
      return [...mentionsIn(statement.over), ...statement.body.flatMap(namesIn)]
    case 'group':
      return statement.body.flatMap(namesIn)
    case 'unknown':
      return [...statement.mentions]
    default:
      return statement satisfies never
  }
}
