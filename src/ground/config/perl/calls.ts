import { type Assignments, isList } from './assignments.ts'
import type { Evaluator } from './evaluator.ts'
import { type Memory, Return } from './memory.ts'
import { mentionsIn } from './mentions.ts'
import type { Expression } from './syntax.ts'
import { isDefined, joined, perlBoolean, textOf, UNKNOWN, type Value } from './values.ts'

/** What a machine asks of the world around it. */
export interface Surroundings {
  /** The constants that a configuration may name, such as `D_DISCARD`. */
  readonly constants: ReadonlySet<string>
  /** Runs the files that the one in hand includes. */
  include(paths: readonly string[], options: { readonly isOptional: boolean }): void
  /** Called for a file that is included under a name which cannot be known. */
  includeUnknown(): void
  /** What a shell's command would print; undefined if that cannot be known without running it. */
  outputOf(command: string): string | undefined
}

export interface CallDeps {
  readonly surroundings: Surroundings
  readonly evaluator: Evaluator
  readonly assignments: Assignments
  readonly memory: Memory
}

/** The functions that configurations call. */
export class Calls {
  readonly #surroundings: Surroundings
  readonly #evaluator: Evaluator
  readonly #assignments: Assignments
  readonly #memory: Memory

  constructor({ surroundings, evaluator, assignments, memory }: CallDeps) {
    this.#surroundings = surroundings
    this.#evaluator = evaluator
    this.#assignments = assignments
    this.#memory = memory
  }

  /** @returns `UNKNOWN` for a function that is not known here; what it is given a reference to is not sure then */
  call(name: string, items: readonly Expression[]): Value {
    const [first] = items
    switch (name) {
      case 'defined':
      case 'exists': {
        const value = first ? this.#evaluator.value(first) : this.#memory.read(this.#memory.cell('$_'))
        const result = isDefined(value)
        return result === undefined ? UNKNOWN : perlBoolean(result)
      }
      case 'ref':
        return refOf(first ? this.#evaluator.value(first) : this.#memory.read(this.#memory.cell('$_')))
      case 'scalar':
        return first ? this.#evaluator.value(first) : UNKNOWN
      case 'lc':
      case 'uc': {
        const text = first ? textOf(this.#evaluator.value(first)) : UNKNOWN
        if (text === UNKNOWN) return UNKNOWN
        return name === 'lc' ? text.toLowerCase() : text.toUpperCase()
      }
      case 'join': {
        const [between = '', ...values] = this.#evaluator.list(items)
        return typeof between === 'string' ? joined(values, between) : UNKNOWN
      }
      case 'undef':
        if (first) this.#assignments.store(first, isList(first) ? [] : [undefined])
        return undefined
      case 'delete':
        return first ? this.#delete(first) : UNKNOWN
      case 'chomp':
        return first ? this.#chomp(first) : UNKNOWN
      case 'push':
      case 'unshift':
        return first ? this.#push(name, first, items.slice(1)) : UNKNOWN
      case 'return':
      case 'exit':
      case 'die':
        throw new Return()
      case 'do':
      case 'require':
      case 'include_config_files':
      case 'include_optional_config_files':
        return this.#include(name, this.#evaluator.list(items))
      default:
        return this.#surroundings.constants.has(name) ? name : this.#unknownCall(items)
    }
  }

  #unknownCall(items: readonly Expression[]): Value {
    for (const item of items) {
      this.#evaluator.value(item)
      // It may write to what it is given a reference to.
      if (item.kind === 'reference') this.#memory.doubtNames(new Set(mentionsIn(item)))
    }
    return UNKNOWN
  }

  #delete(of: Expression): Value {
    if (of.kind !== 'element') return UNKNOWN
    const container = this.#evaluator.container(of.of)
    const key = textOf(this.#evaluator.value(of.key))
    const isCertain = this.#memory.cellOf('').isSure && container instanceof Map && key !== UNKNOWN
    if (isCertain) container.delete(key)
    else this.#memory.doubtNames(new Set(mentionsIn(of.of)))
    return UNKNOWN
  }

  #chomp(of: Expression): Value {
    const value = this.#evaluator.value(of)
    const target = of.kind === 'assign' ? of.target : of
    if (typeof value === 'string') this.#assignments.store(target, [value.replace(/\n$/, '')])
    return UNKNOWN
  }

  #push(name: 'push' | 'unshift', of: Expression, items: readonly Expression[]): Value {
    const array = this.#arrayOf(of)
    const values = this.#evaluator.list(items)
    if (Array.isArray(array)) array[name](...values)
    this.#memory.touch(of)
    return UNKNOWN
  }

  #arrayOf(of: Expression): Value {
    if (of.kind === 'deref') return this.#evaluator.value(of.of)
    return of.kind === 'variable' ? this.#memory.place(`@${of.name}`).value : UNKNOWN
  }

  #include(name: string, paths: readonly Value[]): Value {
    const names = paths.filter(path => typeof path === 'string')
    // `require Foo::Bar`, a version, and whatever is not a path, lead to code and not to a configuration.
    if (name === 'require' && !names.some(path => path.includes('/'))) return UNKNOWN
    const isCertain = names.length === paths.length && !this.#memory.isUndecided && !this.#memory.isDoubtful
    this.#surroundings.include(names, {
      isOptional: name === 'do' || name === 'include_optional_config_files',
    })
    if (!isCertain) this.#surroundings.includeUnknown()
    return '1'
  }
}

function refOf(value: Value): Value {
  if (value === UNKNOWN) return UNKNOWN
  if (Array.isArray(value)) return 'ARRAY'
  return value instanceof Map ? 'HASH' : ''
}
