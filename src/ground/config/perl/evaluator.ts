import type { Expression } from './syntax.ts'
import type { Value } from './values.ts'

/** What assignments and functions ask of the machine that runs them. */
export interface Evaluator {
  value(expression: Expression): Value
  /** What a list of expressions gives, with its arrays and hashes spread out. */
  list(items: readonly Expression[]): Value[]
  /** The array or hash that an expression names or refers to. */
  container(of: Expression): Value
}
