import { mentionsIn } from './mentions.ts'
import type { Expression } from './syntax.ts'
import { type Cell, truthOf, UNKNOWN, type Value } from './values.ts'

/** The variables of a configuration, with how sure their values are. Names have their sigil: `@storage_sql_dsn`. */
export class Memory {
  readonly #variables: Map<string, Cell>
  /** What `my` has hidden in the file in hand: it comes back at its end. */
  #hidden = new Map<string, Cell | undefined>()
  #file: string | undefined
  /** How many conditions around us cannot be decided. */
  #undecided = 0
  /** Whether the statement in hand has read something that is not sure. */
  isDoubtful = false
  /** Whether a file that we could not read may have set anything. */
  #isAnythingPossible = false

  /** @param defaults by name with the sigil: `$notify_method` */
  constructor(defaults: Readonly<Record<string, Value>>) {
    this.#variables = new Map(
      Object.entries({ ...OUTSIDE, ...defaults }).map(([name, value]) => [
        name,
        { value, isSure: true, file: undefined },
      ]),
    )
  }

  /** Does the work of a file, whose own variables are gone after it. */
  within(file: string, work: () => void): void {
    const outer = {
      file: this.#file,
      hidden: this.#hidden,
      undecided: this.#undecided,
      doubtful: this.isDoubtful,
    }
    this.#file = file
    this.#hidden = new Map()
    try {
      work()
    } catch (error) {
      if (!(error instanceof Return)) throw error
    }
    for (const [name, cell] of this.#hidden) this.#restore(name, cell)
    this.#file = outer.file
    this.#hidden = outer.hidden
    this.#undecided = outer.undecided
    this.isDoubtful = outer.doubtful
  }

  /** Does work during which a variable is another one, such as `$_`. */
  replacing<T>(name: string, cell: Pick<Cell, 'value' | 'isSure'>, work: () => T): T {
    const before = this.#variables.get(name)
    this.#variables.set(name, { ...cell, file: this.#file })
    try {
      return work()
    } finally {
      this.#restore(name, before)
    }
  }

  #restore(name: string, cell: Cell | undefined): void {
    if (cell) this.#variables.set(name, cell)
    else this.#variables.delete(name)
  }

  /** Does what a condition that cannot be decided may let happen. */
  maybe(work: () => unknown): void {
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

  /** Whether a condition around us cannot be decided. */
  get isUndecided(): boolean {
    return this.#undecided > 0
  }

  /** What a variable has. One that was never set has nothing. */
  cell(name: string): Cell {
    const empty = { $: undefined, '@': [], '%': new Map() }[name.at(0) ?? '']
    return this.#variables.get(name) ?? { value: empty, isSure: !this.#isAnythingPossible, file: undefined }
  }

  /** What a cell has. If that is not sure, what the statement in hand sets is not sure either. */
  read(cell: Cell): Value {
    if (!cell.isSure) this.isDoubtful = true
    return cell.value
  }

  /** The cell of a variable, which is made if there is none. */
  place(name: string): Cell {
    const existing = this.#variables.get(name)
    if (existing) return existing
    const made = { ...this.cell(name) }
    this.#variables.set(name, made)
    return made
  }

  /** Called for an element that is not there: a file that we could not read may have set it. */
  readMissing(): void {
    if (this.#isAnythingPossible) this.isDoubtful = true
  }

  /** Under a condition that cannot be decided, what an admin has set before stays the likelier value. */
  set(cell: Cell, value: Value): void {
    const isLikelier = this.#undecided > 0 && cell.file !== undefined && truthOf(cell.value)
    if (isLikelier) doubt(cell)
    else Object.assign(cell, this.cellOf(value))
  }

  /** A value that is set here, as sure as what is known here. */
  cellOf(value: Value): Cell {
    return { value, isSure: this.#undecided === 0 && !this.isDoubtful, file: this.#file }
  }

  /** Hides variables behind new ones until the end of the file, as `my` does. */
  declare(targets: readonly Expression[]): void {
    for (const target of targets) {
      if (target.kind !== 'variable') continue
      const name = target.sigil + target.name
      if (!this.#hidden.has(name)) this.#hidden.set(name, this.#variables.get(name))
      this.#variables.delete(name)
    }
  }

  /** Notes that what a variable refers to was changed here. */
  touch(of: Expression): void {
    const [name] = mentionsIn(of)
    if (name === undefined) return
    for (const sigil of '$@%') {
      const cell = this.#variables.get(sigil + name)
      if (!cell) continue
      const { isSure } = this.cellOf('')
      Object.assign(cell, { file: this.#file, isSure: cell.isSure && isSure })
    }
  }

  /** @param names without sigils */
  doubtNames(names: ReadonlySet<string>): void {
    for (const name of names) {
      for (const sigil of '$@%') {
        const cell = this.#variables.get(sigil + name)
        if (cell) doubt(cell)
      }
    }
  }

  /** After a file that could not be followed: whatever was set so far may have been set anew there. */
  doubtEverything(): void {
    this.#isAnythingPossible = true
    for (const cell of this.#variables.values()) doubt(cell)
  }
}

/** Thrown to end the file in hand, by `return` and its relatives. */
export class Return extends Error {}

function doubt(cell: Cell): void {
  cell.isSure = false
  if (cell.value instanceof Map) for (const inner of cell.value.values()) doubt(inner)
}

/** What Perl itself has from outside. */
const OUTSIDE: Readonly<Record<string, Value>> = {
  '%ENV': UNKNOWN,
  '%INC': UNKNOWN,
  '@ARGV': UNKNOWN,
  ...Object.fromEntries([...'0!@<>'].map(name => [`$${name}`, UNKNOWN])),
}
