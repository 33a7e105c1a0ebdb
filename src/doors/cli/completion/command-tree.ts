import type { Argument, Command, Option } from 'commander'
import { repeated } from '../repeated.ts'

/** A command as its definition describes it, for what is made from the definitions. */
export interface CommandForm {
  /** The names that lead to it, without the program's: `schedules set`. */
  readonly path: string
  readonly name: string
  readonly description: string
  readonly commands: readonly CommandForm[]
  /** Its own options, then those of the commands above it. */
  readonly options: readonly OptionForm[]
  readonly args: readonly ArgumentForm[]
}

export interface OptionForm {
  /** `--config <file>` */
  readonly flags: string
  readonly short: string | undefined
  readonly long: string
  readonly description: string
  /** Undefined for an option without a value. */
  readonly value: ValueForm | undefined
  readonly isRequired: boolean
  readonly mayRepeat: boolean
}

export interface ArgumentForm extends ValueForm {
  readonly description: string
  readonly isRequired: boolean
}

export interface ValueForm {
  readonly name: string
  readonly choices: readonly string[]
  readonly isFile: boolean
}

/** The tree of a command and all commands below it. */
export function treeOf(command: Command, parents: readonly string[] = []): CommandForm {
  const help = command.createHelp()
  const own = help.visibleOptions(command)
  const above = help.visibleGlobalOptions(command).filter(option => !isIn(own, option))
  const names = command.parent ? [...parents, command.name()] : []
  return {
    path: names.join(' '),
    name: command.name(),
    description: command.description(),
    commands: command.commands.map(sub => treeOf(sub, names)),
    options: [...own, ...above.filter(option => option.long !== '--version')].map(optionForm),
    args: command.registeredArguments.map(argumentForm),
  }
}

/** The command and all commands below it. */
export const allIn = (command: CommandForm): CommandForm[] => [command, ...command.commands.flatMap(allIn)]

/** The options and subcommands that may stand next. */
export const wordsOf = ({ commands, options }: CommandForm): string[] => [
  ...commands.map(({ name }) => name),
  ...options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long])),
]

const isIn = (options: readonly Option[], option: Option): boolean =>
  options.some(({ long }) => long === option.long)

function optionForm(option: Option): OptionForm {
  const takesValue = option.required || option.optional
  return {
    flags: option.flags,
    short: option.short,
    long: option.long ?? option.flags,
    description: option.description,
    value: takesValue
      ? valueForm(/[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? '', option.argChoices)
      : undefined,
    isRequired: option.mandatory,
    mayRepeat: option.variadic || option.parseArg === repeated,
  }
}

const argumentForm = (argument: Argument): ArgumentForm => ({
  ...valueForm(argument.name(), argument.argChoices),
  description: argument.description,
  isRequired: argument.required,
})

const valueForm = (name: string, choices: readonly string[] | undefined): ValueForm => ({
  name,
  choices: choices ?? [],
  isFile: FILES.includes(name),
})

/** What a value is called where it is the path of a file. */
const FILES = ['file', 'path']
