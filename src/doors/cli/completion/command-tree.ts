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
  /** With its default, and whether it is required. */
  readonly description: string
  /** Undefined for an option without a value. */
  readonly value: ValueForm | undefined
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
    options: [...own, ...above.filter(option => option.long !== '--version')].map(option =>
      optionForm(option, help.optionDescription(option)),
    ),
    args: command.registeredArguments.map(argumentForm),
  }
}

/** The command and all commands below it. */
export const allIn = (command: CommandForm): CommandForm[] => [command, ...command.commands.flatMap(allIn)]

const isIn = (options: readonly Option[], option: Option): boolean =>
  options.some(({ long }) => long === option.long)

function optionForm(option: Option, description: string): OptionForm {
  const takesValue = option.required || option.optional
  return {
    flags: option.flags,
    short: option.short,
    long: option.long ?? option.flags,
    description,
    value: takesValue
      ? valueForm(/[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? '', option.argChoices)
      : undefined,
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
