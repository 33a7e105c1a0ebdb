import type { Evaluator } from './evaluator.ts'
import type { Memory } from './memory.ts'
import { mentionsIn } from './mentions.ts'
import type { Expression } from './syntax.ts'
import { type Hash, isDefined, LONGEST, operated, textOf, truthOf, UNKNOWN, type Value } from './values.ts'

/** What is stored into variables, elements and what references lead to. */
export class Assignments {
  readonly #evaluator: Evaluator
  readonly #memory: Memory

  constructor(evaluator: Evaluator, memory: Memory) {
    this.#evaluator = evaluator
    this.#memory = memory
  }

  /** @returns what the assignment itself gives */
  assign({ operator, target, value }: Expression & { readonly kind: 'assign' }): Value {
    if (operator !== '=') return this.#change(operator, target, value)
    if (isList(target)) {
      const values = this.#evaluator.list([value])
      this.store(target, values)
      return values.includes(UNKNOWN) ? UNKNOWN : String(values.length)
    }
    const result = this.#evaluator.value(value)
    this.store(target, [result])
    return result
  }

  /** `||=`, `.=` and their relatives. */
  #change(operator: string, target: Expression, value: Expression): Value {
    const before = this.#evaluator.value(target)
    const plain = operator.slice(0, -1)
    if (plain !== '||' && plain !== '//' && plain !== '&&') {
      const result = operated(plain, before, this.#evaluator.value(value))
      this.store(target, [result])
      return result
    }
    const truth = plain === '//' ? isDefined(before) : truthOf(before)
    const keeps = truth === undefined ? undefined : truth === (plain !== '&&')
    const isDecided = keeps !== undefined && !this.#memory.isDoubtful
    if (isDecided && keeps) return before
    const assign = () => this.assign({ kind: 'assign', operator: '=', target, value })
    if (isDecided) return assign()
    if (keeps) this.#memory.doubtNames(new Set(mentionsIn(target)))
    else this.#memory.maybe(assign)
    return UNKNOWN
  }

  /** @param values one for a target that is no list */
  store(target: Expression, values: Value[]): void {
    switch (target.kind) {
      case 'variable':
        this.#memory.set(
          this.#memory.place(target.sigil + target.name),
          this.#contentFor(target.sigil, values),
        )
        return
      case 'my':
        this.#memory.declare(target.targets)
        this.#storeEach(target.targets, values)
        return
      case 'list':
        this.#storeEach(target.items, values)
        return
      case 'element':
        this.#storeElement(target, values[0])
        return
      case 'deref': {
        const container = this.#evaluator.value(target.of)
        // A name made at run time: `${"${kind}_quarantine_method"} = 'sql:'` may set any variable.
        if (container === UNKNOWN || typeof container === 'string') this.#memory.doubtEverything()
        if (Array.isArray(container)) container.splice(0, container.length, ...values)
        this.#memory.touch(target.of)
        return
      }
      case 'assign':
        // `($x = 'a') =~ s/…/…/`
        this.store(target.target, values)
        return
      default:
        this.#memory.doubtNames(new Set(mentionsIn(target)))
    }
  }

  /** After a value that may be any number of them, none is known. */
  #storeEach(targets: readonly Expression[], values: readonly Value[]): void {
    const unknown = values.indexOf(UNKNOWN)
    let at = 0
    for (const target of targets) {
      const isUnknown = unknown >= 0 && at >= unknown
      if (isList(target)) {
        this.store(target, values.slice(at))
        at = values.length
      } else {
        this.store(target, [isUnknown ? UNKNOWN : values[at]])
        at += 1
      }
    }
  }

  #contentFor(sigil: string, values: Value[]): Value {
    if (sigil === '@') return [...values]
    return sigil === '%' ? this.hash(values) : values[0]
  }

  #storeElement({ of, key, by }: Expression & { readonly kind: 'element' }, value: Value): void {
    const container = this.#grown(of, by)
    const index = textOf(this.#evaluator.value(key))
    if (container instanceof Map && index !== UNKNOWN) {
      const existing = container.get(index)
      if (existing) this.#memory.set(existing, value)
      else container.set(index, this.#memory.cellOf(value))
      return
    }
    const place = Number(index === UNKNOWN ? Number.NaN : index)
    if (Array.isArray(container) && place >= 0 && place < LONGEST) {
      container[place] = value
      this.#memory.touch(of)
      return
    }
    this.#memory.doubtNames(new Set(mentionsIn(of)))
  }

  /** The array or hash that an element is stored in, which Perl makes if there is none. */
  #grown(of: Expression, by: '[' | '{'): Value {
    if (of.kind === 'variable' && of.sigil !== '$') return this.#memory.place(of.sigil + of.name).value
    const existing = this.#evaluator.container(of)
    if (existing !== undefined) return existing
    const made: Value = by === '[' ? [] : new Map()
    this.store(of, [made])
    return made
  }

  /** A hash of keys and values in turn. */
  hash(values: readonly Value[]): Hash {
    const hash: Hash = new Map()
    for (let index = 0; index < values.length; index += 2) {
      const key = textOf(values[index])
      if (key !== UNKNOWN) hash.set(key, this.#memory.cellOf(values[index + 1]))
    }
    return hash
  }
}

/** Whether an assignment to it takes a list of values. */
export function isList(target: Expression): boolean {
  if (target.kind === 'my') return target.targets.length > 1 || target.targets.some(isList)
  const { kind } = target
  return kind === 'list' || ((kind === 'variable' || kind === 'deref') && target.sigil !== '$')
}
