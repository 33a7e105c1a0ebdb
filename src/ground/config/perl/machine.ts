import { Assignments } from './assignments.ts'
import { Calls, type Surroundings } from './calls.ts'
import type { Evaluator } from './evaluator.ts'
import { Memory } from './memory.ts'
import { mentionsIn, mentionsOf } from './mentions.ts'
import type { Branch, Expression, Statement } from './syntax.ts'
import {
  type Cell,
  isDefined,
  joined,
  LONGEST,
  matches,
  operated,
  perlBoolean,
  textOf,
  truthOf,
  UNKNOWN,
  type Value,
} from './values.ts'

/**
 * Follows the assignments of Perl's text without running Perl. A value that cannot be known is `UNKNOWN`, and one that
 * depends on a condition that cannot be decided is not sure. Loops, and functions that it does not know, leave what they
 * name unsure.
 */
export class Machine {
  readonly #memory: Memory
  readonly #assignments: Assignments
  readonly #calls: Calls
  readonly #surroundings: Surroundings

  /** @param defaults by name with the sigil: `$notify_method` */
  constructor(surroundings: Surroundings, defaults: Readonly<Record<string, Value>>) {
    const evaluator: Evaluator = {
      value: expression => this.#value(expression),
      list: items => this.#list(items),
      container: of => this.#container(of),
    }
    const memory = new Memory(defaults)
    const assignments = new Assignments(evaluator, memory)
    this.#memory = memory
    this.#assignments = assignments
    this.#calls = new Calls({ surroundings, evaluator, assignments, memory })
    this.#surroundings = surroundings
  }

  /** @param name with the sigil: `@storage_sql_dsn` */
  cell(name: string): Cell {
    return this.#memory.cell(name)
  }

  run(file: string, statements: readonly Statement[]): void {
    this.#memory.within(file, () => this.#all(statements))
  }

  /** After a file that could not be followed: whatever was set so far may have been set anew there. */
  doubtEverything(): void {
    this.#memory.doubtEverything()
  }

  #all(statements: readonly Statement[]): Value {
    let last: Value
    for (const statement of statements) last = this.#one(statement)
    return last
  }

  #one(statement: Statement): Value {
    this.#memory.isDoubtful = false
    switch (statement.kind) {
      case 'expression':
        return this.#value(statement.of)
      case 'if':
        return this.#decide(statement.branches)
      case 'group':
        return this.#all(statement.body)
      case 'loop':
        return this.#loop(statement)
      default:
        this.#memory.doubtNames(new Set(statement.mentions))
        return UNKNOWN
    }
  }

  #loop(statement: Statement & { readonly kind: 'loop' }): Value {
    this.#memory.replacing(`$${statement.variable}`, { value: UNKNOWN, isSure: false }, () =>
      this.#memory.maybe(() => this.#all(statement.body)),
    )
    this.#memory.doubtNames(mentionsOf([statement]))
    return UNKNOWN
  }

  #decide(branches: readonly Branch[]): Value {
    for (const [index, { condition, body }] of branches.entries()) {
      this.#memory.isDoubtful = false
      const truth = truthOf(this.#value(condition))
      const isSure = truth !== undefined && !this.#memory.isDoubtful
      if (isSure && truth) return this.#all(body)
      if (isSure) continue
      if (truth === false) this.#memory.doubtNames(mentionsOf(body))
      else this.#memory.maybe(() => this.#all(body))
      this.#memory.maybe(() => this.#decide(branches.slice(index + 1)))
      return UNKNOWN
    }
    return undefined
  }

  #value(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.text
      case 'text':
        return joined(expression.parts.map(part => this.#interpolated(part)))
      case 'variable':
        return this.#variableValue(expression.sigil, expression.name)
      case 'my':
        this.#memory.declare(expression.targets)
        return undefined
      case 'element':
        return this.#element(expression)
      case 'list':
        return expression.items.map(item => this.#value(item)).at(-1)
      case 'array':
        return this.#list(expression.items)
      case 'hash':
        return this.#assignments.hash(this.#list(expression.items))
      case 'deref':
        return this.#scalar(expression.sigil, this.#value(expression.of))
      case 'reference':
        return this.#referred(expression.of)
      case 'assign':
        return this.#assignments.assign(expression)
      case 'unary':
        return this.#unary(expression.operator, expression.of)
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right)
      case 'choice':
        return this.#choice(expression)
      case 'call':
        return this.#calls.call(expression.name, expression.items)
      case 'each':
        return this.#scalar('@', this.#list([expression]))
      case 'block':
        return this.#all(expression.body)
      case 'command':
        return this.#surroundings.outputOf(expression.text.trim()) ?? UNKNOWN
      case 'pattern':
        return UNKNOWN
      default:
        this.#memory.doubtNames(new Set(expression.mentions))
        return UNKNOWN
    }
  }

  #interpolated(part: Expression): Value {
    const isWhole = part.kind === 'variable' && part.sigil === '@'
    return isWhole ? joined(this.#list([part]), ' ') : this.#value(part)
  }

  /** What a list of expressions gives, with its arrays and hashes spread out. */
  #list(items: readonly Expression[]): Value[] {
    const values = items.flatMap(item => this.#spread(item))
    return values.length > LONGEST ? [UNKNOWN] : values
  }

  #spread(item: Expression): Value[] {
    switch (item.kind) {
      case 'list':
        return this.#list(item.items)
      case 'variable':
      case 'deref':
        if (item.sigil !== '@' && item.sigil !== '%') break
        return spread(
          item.kind === 'deref'
            ? this.#value(item.of)
            : this.#memory.read(this.#memory.cell(item.sigil + item.name)),
        )
      case 'choice': {
        const truth = truthOf(this.#value(item.condition))
        return truth === undefined ? [UNKNOWN] : this.#spread(truth ? item.yes : item.no)
      }
      case 'each':
        return this.#each(item.name, item.body, this.#list(item.items))
      case 'my':
        this.#memory.declare(item.targets)
        return []
      default:
    }
    return [this.#value(item)]
  }

  #each(name: 'grep' | 'map', body: Expression, values: readonly Value[]): Value[] {
    return values.flatMap((value): Value[] => {
      const doubtful = this.#memory.isDoubtful
      const last = this.#memory.replacing('$_', { value, isSure: true }, () => this.#value(body))
      this.#memory.isDoubtful ||= doubtful
      if (name === 'map') return [last]
      const truth = value === UNKNOWN ? undefined : truthOf(last)
      if (truth === undefined) return [UNKNOWN]
      return truth ? [value] : []
    })
  }

  #variableValue(sigil: string, name: string): Value {
    if (sigil === '&') return UNKNOWN
    return this.#scalar(sigil, this.#memory.read(this.#memory.cell(sigil + name)))
  }

  /** An array where one value is asked for is the number of its elements. */
  #scalar(sigil: string, value: Value): Value {
    if (sigil === '@')
      return Array.isArray(value) && !value.includes(UNKNOWN) ? String(value.length) : UNKNOWN
    if (sigil === '%') return value instanceof Map ? String(value.size) : UNKNOWN
    return value
  }

  #referred(of: Expression): Value {
    if (of.kind === 'variable' && (of.sigil === '@' || of.sigil === '%')) {
      return this.#memory.read(this.#memory.place(of.sigil + of.name))
    }
    return of.kind === 'deref' ? this.#value(of.of) : UNKNOWN
  }

  #element({ of, key, by }: Expression & { readonly kind: 'element' }): Value {
    const container = this.#container(of)
    const index = textOf(this.#value(key))
    if (index === UNKNOWN || container === UNKNOWN) return UNKNOWN
    if (by === '[') return Array.isArray(container) ? container.at(Number(index)) : undefined
    const cell = container instanceof Map ? container.get(index) : undefined
    if (cell) return this.#memory.read(cell)
    this.#memory.readMissing()
    return undefined
  }

  #container(of: Expression): Value {
    return of.kind === 'variable' ? this.#memory.read(this.#memory.cell(of.sigil + of.name)) : this.#value(of)
  }

  #unary(operator: string, of: Expression): Value {
    const value = this.#value(of)
    switch (operator) {
      case '!': {
        const truth = truthOf(value)
        return truth === undefined ? UNKNOWN : perlBoolean(!truth)
      }
      case '-':
        return operated('-', '0', value)
      case '+':
        return value
      default:
        this.#memory.doubtNames(new Set(mentionsIn(of)))
        return UNKNOWN
    }
  }

  #binary(operator: string, left: Expression, right: Expression): Value {
    const first = this.#value(left)
    switch (operator) {
      case '||':
      case 'or':
        return this.#shortcut(first, truthOf(first), right)
      case '//':
        return this.#shortcut(first, isDefined(first), right)
      case '&&':
      case 'and': {
        const truth = truthOf(first)
        return this.#shortcut(first, truth === undefined ? undefined : !truth, right)
      }
      case '=~':
      case '!~':
        return this.#matched(operator, left, first, right)
      default:
        return operated(operator, first, this.#value(right))
    }
  }

  /** @param isEnough whether the first value decides, so that the second is not looked at */
  #shortcut(first: Value, isEnough: boolean | undefined, second: Expression): Value {
    const isDecided = isEnough !== undefined && !this.#memory.isDoubtful
    if (isEnough === true) return first
    if (isDecided) return this.#value(second)
    if (isEnough === false) {
      // The value is the likelier one; what it sets on the way is not sure.
      let value: Value
      this.#memory.maybe(() => {
        value = this.#value(second)
      })
      return value
    }
    this.#memory.maybe(() => this.#value(second))
    return UNKNOWN
  }

  #matched(operator: string, left: Expression, text: Value, right: Expression): Value {
    if (right.kind !== 'pattern') return UNKNOWN
    if (right.changes) {
      this.#assignments.store(left, [UNKNOWN])
      return UNKNOWN
    }
    const found = truthOf(matches(text, right.text, right.flags))
    return found === undefined ? UNKNOWN : perlBoolean(operator === '=~' ? found : !found)
  }

  #choice({ condition, yes, no }: Expression & { readonly kind: 'choice' }): Value {
    const truth = truthOf(this.#value(condition))
    if (truth !== undefined) return this.#value(truth ? yes : no)
    this.#memory.maybe(() => [this.#value(yes), this.#value(no)])
    return UNKNOWN
  }
}

function spread(value: Value): Value[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value].flatMap(([key, cell]) => [key, cell.value])
  return value === undefined ? [] : [UNKNOWN]
}
