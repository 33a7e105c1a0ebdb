import { mentionsIn, mentionsOf } from './mentions.ts'
import type { Branch, Expression, Statement } from './syntax.ts'
import {
  type Cell,
  type Hash,
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

/**
 * Follows the assignments of Perl's text without running Perl. A value that cannot be known is `UNKNOWN`, and one that
 * depends on a condition that cannot be decided is not sure. Loops, and functions that it does not know, leave what they
 * name unsure.
 */
export class Machine {
  readonly #surroundings: Surroundings
  readonly #variables: Map<string, Cell>
  /** What `my` has hidden in the file in hand: it comes back at its end. */
  #hidden = new Map<string, Cell | undefined>()
  #file: string | undefined
  /** How many conditions around us cannot be decided. */
  #undecided = 0
  /** Whether the statement in hand has read something that is not sure. */
  #isDoubtful = false
  /** Whether a file that we could not read may have set anything. */
  #isAnythingPossible = false

  /** @param defaults by name with the sigil: `$notify_method` */
  constructor(surroundings: Surroundings, defaults: Readonly<Record<string, Value>>) {
    this.#surroundings = surroundings
    this.#variables = new Map(
      Object.entries({ ...OUTSIDE, ...defaults }).map(([name, value]) => [
        name,
        { value, isSure: true, file: undefined },
      ]),
    )
  }

  /** @param name with the sigil: `@storage_sql_dsn` */
  cell(name: string): Cell {
    const empty = { $: undefined, '@': [], '%': new Map() }[name.at(0) ?? '']
    return this.#variables.get(name) ?? { value: empty, isSure: !this.#isAnythingPossible, file: undefined }
  }

  run(file: string, statements: readonly Statement[]): void {
    const outer = {
      file: this.#file,
      hidden: this.#hidden,
      undecided: this.#undecided,
      doubtful: this.#isDoubtful,
    }
    this.#file = file
    this.#hidden = new Map()
    try {
      this.#all(statements)
    } catch (error) {
      if (!(error instanceof Return)) throw error
    }
    for (const [name, cell] of this.#hidden) {
      if (cell) this.#variables.set(name, cell)
      else this.#variables.delete(name)
    }
    this.#file = outer.file
    this.#hidden = outer.hidden
    this.#undecided = outer.undecided
    this.#isDoubtful = outer.doubtful
  }

  /** After a file that could not be followed: whatever was set so far may have been set anew there. */
  doubtEverything(): void {
    this.#isAnythingPossible = true
    for (const cell of this.#variables.values()) doubt(cell)
  }

  #all(statements: readonly Statement[]): Value {
    let last: Value
    for (const statement of statements) last = this.#one(statement)
    return last
  }

  #one(statement: Statement): Value {
    this.#isDoubtful = false
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
        this.#doubtNames(new Set(statement.mentions))
        return UNKNOWN
    }
  }

  #loop(statement: Statement & { readonly kind: 'loop' }): Value {
    const name = `$${statement.variable}`
    const before = this.#variables.get(name)
    this.#variables.set(name, { value: UNKNOWN, isSure: false, file: this.#file })
    this.#maybe(() => this.#all(statement.body))
    if (before) this.#variables.set(name, before)
    else this.#variables.delete(name)
    this.#doubtNames(mentionsOf([statement]))
    return UNKNOWN
  }

  #decide(branches: readonly Branch[]): Value {
    for (const [index, { condition, body }] of branches.entries()) {
      this.#isDoubtful = false
      const truth = truthOf(this.#value(condition))
      const isSure = truth !== undefined && !this.#isDoubtful
      if (isSure && truth) return this.#all(body)
      if (isSure) continue
      if (truth === false) this.#doubtNames(mentionsOf(body))
      else this.#maybe(() => this.#all(body))
      this.#maybe(() => this.#decide(branches.slice(index + 1)))
      return UNKNOWN
    }
    return undefined
  }

  #maybe(work: () => unknown): void {
    this.#undecided += 1
    try {
      work()
    } catch (error) {
      // Whether the rest of the file is read cannot be known either.
      if (error instanceof Return) return
      throw error
    }
    this.#undecided -= 1
  }

  #doubtNames(names: ReadonlySet<string>): void {
    for (const name of names) {
      for (const sigil of '$@%') {
        const cell = this.#variables.get(sigil + name)
        if (cell) doubt(cell)
      }
    }
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
        this.#declare(expression.targets)
        return undefined
      case 'element':
        return this.#element(expression)
      case 'list':
        return expression.items.map(item => this.#value(item)).at(-1)
      case 'array':
        return this.#list(expression.items)
      case 'hash':
        return this.#hash(this.#list(expression.items))
      case 'deref':
        return this.#scalar(expression.sigil, this.#value(expression.of))
      case 'reference':
        return this.#referred(expression.of)
      case 'assign':
        return this.#assign(expression)
      case 'unary':
        return this.#unary(expression.operator, expression.of)
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right)
      case 'choice':
        return this.#choice(expression)
      case 'call':
        return this.#call(expression.name, expression.items)
      case 'each':
        return this.#scalar('@', this.#list([expression]))
      case 'block':
        return this.#all(expression.body)
      case 'command':
        return this.#surroundings.outputOf(expression.text.trim()) ?? UNKNOWN
      case 'pattern':
        return UNKNOWN
      default:
        this.#doubtNames(new Set(expression.mentions))
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
          item.kind === 'deref' ? this.#value(item.of) : this.#read(this.cell(item.sigil + item.name)),
        )
      case 'choice': {
        const truth = truthOf(this.#value(item.condition))
        return truth === undefined ? [UNKNOWN] : this.#spread(truth ? item.yes : item.no)
      }
      case 'each':
        return this.#each(item.name, item.body, this.#list(item.items))
      case 'my':
        this.#declare(item.targets)
        return []
      default:
    }
    return [this.#value(item)]
  }

  #each(name: 'grep' | 'map', body: Expression, values: readonly Value[]): Value[] {
    const before = this.#variables.get('$_')
    const results = values.flatMap((value): Value[] => {
      this.#variables.set('$_', { value, isSure: true, file: undefined })
      const doubtful = this.#isDoubtful
      const last = this.#value(body)
      this.#isDoubtful ||= doubtful
      if (name === 'map') return [last]
      const truth = value === UNKNOWN ? undefined : truthOf(last)
      if (truth === undefined) return [UNKNOWN]
      return truth ? [value] : []
    })
    if (before) this.#variables.set('$_', before)
    else this.#variables.delete('$_')
    return results
  }

  #variableValue(sigil: string, name: string): Value {
    if (sigil === '&') return UNKNOWN
    return this.#scalar(sigil, this.#read(this.cell(sigil + name)))
  }

  /** An array where one value is asked for is the number of its elements. */
  #scalar(sigil: string, value: Value): Value {
    if (sigil === '@')
      return Array.isArray(value) && !value.includes(UNKNOWN) ? String(value.length) : UNKNOWN
    if (sigil === '%') return value instanceof Map ? String(value.size) : UNKNOWN
    return value
  }

  #read(cell: Cell): Value {
    if (!cell.isSure) this.#isDoubtful = true
    return cell.value
  }

  #referred(of: Expression): Value {
    if (of.kind === 'variable' && (of.sigil === '@' || of.sigil === '%')) {
      return this.#read(this.#place(of.sigil + of.name))
    }
    return of.kind === 'deref' ? this.#value(of.of) : UNKNOWN
  }

  #element({ of, key, by }: Expression & { readonly kind: 'element' }): Value {
    const container = this.#container(of)
    const index = textOf(this.#value(key))
    if (index === UNKNOWN || container === UNKNOWN) return UNKNOWN
    if (by === '[') return Array.isArray(container) ? container.at(Number(index)) : undefined
    const cell = container instanceof Map ? container.get(index) : undefined
    if (cell) return this.#read(cell)
    if (this.#isAnythingPossible) this.#isDoubtful = true
    return undefined
  }

  #container(of: Expression): Value {
    return of.kind === 'variable' ? this.#read(this.cell(of.sigil + of.name)) : this.#value(of)
  }

  #hash(values: readonly Value[]): Hash {
    const hash: Hash = new Map()
    for (let index = 0; index < values.length; index += 2) {
      const key = textOf(values[index])
      if (key !== UNKNOWN) hash.set(key, this.#cellOf(values[index + 1]))
    }
    return hash
  }

  #cellOf(value: Value): Cell {
    return { value, isSure: this.#undecided === 0 && !this.#isDoubtful, file: this.#file }
  }

  #assign({ operator, target, value }: Expression & { readonly kind: 'assign' }): Value {
    if (operator !== '=') return this.#change(operator, target, value)
    if (isList(target)) {
      const values = this.#list([value])
      this.#store(target, values)
      return values.includes(UNKNOWN) ? UNKNOWN : String(values.length)
    }
    const result = this.#value(value)
    this.#store(target, [result])
    return result
  }

  /** `||=`, `.=` and their relatives. */
  #change(operator: string, target: Expression, value: Expression): Value {
    const before = this.#value(target)
    const plain = operator.slice(0, -1)
    if (plain !== '||' && plain !== '//' && plain !== '&&') {
      const result = operated(plain, before, this.#value(value))
      this.#store(target, [result])
      return result
    }
    const truth = plain === '//' ? isDefined(before) : truthOf(before)
    const keeps = truth === undefined ? undefined : truth === (plain !== '&&')
    const isDecided = keeps !== undefined && !this.#isDoubtful
    if (isDecided && keeps) return before
    const assign = () => this.#assign({ kind: 'assign', operator: '=', target, value })
    if (isDecided) return assign()
    if (keeps) this.#doubtNames(new Set(mentionsIn(target)))
    else this.#maybe(assign)
    return UNKNOWN
  }

  /** @param values one for a target that is no list */
  #store(target: Expression, values: Value[]): void {
    switch (target.kind) {
      case 'variable':
        this.#set(this.#place(target.sigil + target.name), this.#contentFor(target.sigil, values))
        return
      case 'my':
        this.#declare(target.targets)
        this.#storeEach(target.targets, values)
        return
      case 'list':
        this.#storeEach(target.items, values)
        return
      case 'element':
        this.#storeElement(target, values[0])
        return
      case 'deref': {
        const container = this.#value(target.of)
        if (Array.isArray(container)) container.splice(0, container.length, ...values)
        this.#touch(target.of)
        return
      }
      case 'assign':
        // `($x = 'a') =~ s/…/…/`
        this.#store(target.target, values)
        return
      default:
        this.#doubtNames(new Set(mentionsIn(target)))
    }
  }

  /** After a value that may be any number of them, none is known. */
  #storeEach(targets: readonly Expression[], values: readonly Value[]): void {
    const unknown = values.indexOf(UNKNOWN)
    let at = 0
    for (const target of targets) {
      const isUnknown = unknown >= 0 && at >= unknown
      if (isList(target)) {
        this.#store(target, values.slice(at))
        at = values.length
      } else {
        this.#store(target, [isUnknown ? UNKNOWN : values[at]])
        at += 1
      }
    }
  }

  #contentFor(sigil: string, values: Value[]): Value {
    if (sigil === '@') return [...values]
    return sigil === '%' ? this.#hash(values) : values[0]
  }

  #storeElement({ of, key, by }: Expression & { readonly kind: 'element' }, value: Value): void {
    const container = this.#grown(of, by)
    const index = textOf(this.#value(key))
    if (container instanceof Map && index !== UNKNOWN) {
      const existing = container.get(index)
      if (existing) this.#set(existing, value)
      else container.set(index, this.#cellOf(value))
      return
    }
    const place = Number(index === UNKNOWN ? Number.NaN : index)
    if (Array.isArray(container) && place >= 0 && place < LONGEST) {
      container[place] = value
      this.#touch(of)
      return
    }
    this.#doubtNames(new Set(mentionsIn(of)))
  }

  /** The array or hash that an element is stored in, which Perl makes if there is none. */
  #grown(of: Expression, by: '[' | '{'): Value {
    if (of.kind === 'variable' && of.sigil !== '$') return this.#place(of.sigil + of.name).value
    const existing = this.#container(of)
    if (existing !== undefined) return existing
    const made: Value = by === '[' ? [] : new Map()
    this.#store(of, [made])
    return made
  }

  /** The cell of a variable, which is made if there is none. */
  #place(name: string): Cell {
    const existing = this.#variables.get(name)
    if (existing) return existing
    const made = { ...this.cell(name) }
    this.#variables.set(name, made)
    return made
  }

  /** Under a condition that cannot be decided, what an admin has set before stays the likelier value. */
  #set(cell: Cell, value: Value): void {
    const isLikelier = this.#undecided > 0 && cell.file !== undefined && truthOf(cell.value)
    if (isLikelier) doubt(cell)
    else Object.assign(cell, this.#cellOf(value))
  }

  /** Notes that what a variable refers to was changed here. */
  #touch(of: Expression): void {
    const [name] = mentionsIn(of)
    if (name === undefined) return
    for (const sigil of '$@%') {
      const cell = this.#variables.get(sigil + name)
      if (!cell) continue
      const { isSure } = this.#cellOf('')
      Object.assign(cell, { file: this.#file, isSure: cell.isSure && isSure })
    }
  }

  #declare(targets: readonly Expression[]): void {
    for (const target of targets) {
      if (target.kind !== 'variable') continue
      const name = target.sigil + target.name
      if (!this.#hidden.has(name)) this.#hidden.set(name, this.#variables.get(name))
      this.#variables.delete(name)
    }
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
        this.#doubtNames(new Set(mentionsIn(of)))
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
    const isDecided = isEnough !== undefined && !this.#isDoubtful
    if (isEnough === true) return first
    if (isDecided) return this.#value(second)
    if (isEnough === false) {
      // The value is the likelier one; what it sets on the way is not sure.
      let value: Value
      this.#maybe(() => {
        value = this.#value(second)
      })
      return value
    }
    this.#maybe(() => this.#value(second))
    return UNKNOWN
  }

  #matched(operator: string, left: Expression, text: Value, right: Expression): Value {
    if (right.kind !== 'pattern') return UNKNOWN
    if (right.changes) {
      this.#store(left, [UNKNOWN])
      return UNKNOWN
    }
    const found = truthOf(matches(text, right.text, right.flags))
    return found === undefined ? UNKNOWN : perlBoolean(operator === '=~' ? found : !found)
  }

  #choice({ condition, yes, no }: Expression & { readonly kind: 'choice' }): Value {
    const truth = truthOf(this.#value(condition))
    if (truth !== undefined) return this.#value(truth ? yes : no)
    this.#maybe(() => [this.#value(yes), this.#value(no)])
    return UNKNOWN
  }

  #call(name: string, items: readonly Expression[]): Value {
    const [first] = items
    switch (name) {
      case 'defined':
      case 'exists': {
        const value = first ? this.#value(first) : this.#variableValue('$', '_')
        const result = isDefined(value)
        return result === undefined ? UNKNOWN : perlBoolean(result)
      }
      case 'ref':
        return refOf(first ? this.#value(first) : this.#variableValue('$', '_'))
      case 'scalar':
        return first ? this.#value(first) : UNKNOWN
      case 'lc':
      case 'uc': {
        const text = first ? textOf(this.#value(first)) : UNKNOWN
        if (text === UNKNOWN) return UNKNOWN
        return name === 'lc' ? text.toLowerCase() : text.toUpperCase()
      }
      case 'join': {
        const [between = '', ...values] = this.#list(items)
        return typeof between === 'string' ? joined(values, between) : UNKNOWN
      }
      case 'undef':
        if (first) this.#store(first, isList(first) ? [] : [undefined])
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
        return this.#include(name, this.#list(items))
      default:
        return this.#surroundings.constants.has(name) ? name : this.#unknownCall(items)
    }
  }

  #unknownCall(items: readonly Expression[]): Value {
    for (const item of items) {
      this.#value(item)
      // It may write to what it is given a reference to.
      if (item.kind === 'reference') this.#doubtNames(new Set(mentionsIn(item)))
    }
    return UNKNOWN
  }

  #delete(of: Expression): Value {
    if (of.kind !== 'element') return UNKNOWN
    const container = this.#container(of.of)
    const key = textOf(this.#value(of.key))
    const isCertain = this.#cellOf('').isSure && container instanceof Map && key !== UNKNOWN
    if (isCertain) container.delete(key)
    else this.#doubtNames(new Set(mentionsIn(of.of)))
    return UNKNOWN
  }

  #chomp(of: Expression): Value {
    const value = this.#value(of)
    const target = of.kind === 'assign' ? of.target : of
    if (typeof value === 'string') this.#store(target, [value.replace(/\n$/, '')])
    return UNKNOWN
  }

  #push(name: 'push' | 'unshift', of: Expression, items: readonly Expression[]): Value {
    const array = this.#arrayOf(of)
    const values = this.#list(items)
    if (Array.isArray(array)) array[name](...values)
    this.#touch(of)
    return UNKNOWN
  }

  #arrayOf(of: Expression): Value {
    if (of.kind === 'deref') return this.#value(of.of)
    return of.kind === 'variable' ? this.#place(`@${of.name}`).value : UNKNOWN
  }

  #include(name: string, paths: readonly Value[]): Value {
    const names = paths.filter(path => typeof path === 'string')
    // `require Foo::Bar`, a version, and whatever is not a path, lead to code and not to a configuration.
    if (name === 'require' && !names.some(path => path.includes('/'))) return UNKNOWN
    const isCertain = names.length === paths.length && this.#undecided === 0 && !this.#isDoubtful
    this.#surroundings.include(names, {
      isOptional: name === 'do' || name === 'include_optional_config_files',
    })
    if (!isCertain) this.#surroundings.includeUnknown()
    return '1'
  }
}

/** What Perl itself has from outside. */
const OUTSIDE: Readonly<Record<string, Value>> = {
  '%ENV': UNKNOWN,
  '%INC': UNKNOWN,
  '@ARGV': UNKNOWN,
  ...Object.fromEntries([...'0!@<>'].map(name => [`$${name}`, UNKNOWN])),
}

/** Ends the file in hand. */
class Return extends Error {}

function doubt(cell: Cell): void {
  cell.isSure = false
  if (cell.value instanceof Map) for (const inner of cell.value.values()) doubt(inner)
}

/** Whether an assignment to it takes a list of values. */
function isList(target: Expression): boolean {
  if (target.kind === 'my') return target.targets.length > 1 || target.targets.some(isList)
  const { kind } = target
  return kind === 'list' || ((kind === 'variable' || kind === 'deref') && target.sigil !== '$')
}

function isDefined(value: Value): boolean | undefined {
  return value === UNKNOWN ? undefined : value !== undefined
}

function refOf(value: Value): Value {
  if (value === UNKNOWN) return UNKNOWN
  if (Array.isArray(value)) return 'ARRAY'
  return value instanceof Map ? 'HASH' : ''
}

function spread(value: Value): Value[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value].flatMap(([key, cell]) => [key, cell.value])
  return value === undefined ? [] : [UNKNOWN]
}
