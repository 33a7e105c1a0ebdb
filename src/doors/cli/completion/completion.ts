import { Argument, type Command } from 'commander'
import { print } from '../context.ts'
import { bashCompletion } from './bash.ts'
import { type CommandForm, treeOf } from './command-tree.ts'
import { fishCompletion } from './fish.ts'
import { zshCompletion } from './zsh.ts'

/** The shells whose command lines can be completed, and the script of each. */
export const SHELLS: Readonly<Record<string, (program: CommandForm) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** @param program with all its commands by the time the command is called */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SHELLS)))
    .action((shell: string) => print((SHELLS[shell]?.(treeOf(program)) ?? '').trimEnd()))
}
