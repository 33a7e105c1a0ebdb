import type { Command } from 'commander'
import { addCommands } from '../../src/commands.ts'
import { treeOf } from '../../src/doors/cli/completion/command-tree.ts'
import { SHELLS } from '../../src/doors/cli/completion/completion.ts'
import { examplesOf, pathOf } from '../../src/doors/cli/examples.ts'
import { newProgram } from '../../src/doors/cli/program.ts'
import { DEFAULT_CONFIG_FILE } from '../../src/ground/config/config-file.ts'
import { configJsonSchema } from '../../src/ground/config/json-schema.ts'
import { SCHEMA_FILE } from '../../src/ground/config/json-schema-file.ts'
import { VERSION } from '../../src/ground/version.ts'
import { manPage } from './man-page.ts'

/** What is made from the definitions of commands and options: the text of each file, by its path. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const program = newProgram(VERSION)
  const unused = () => Promise.reject(new Error('only the definitions are used'))
  await addCommands(program, { createApp: unused, runDemo: unused })
  const tree = treeOf(program)
  const examples = new Map(allCommands(program).map(command => [pathOf(command), examplesOf(command)]))
  const man = manPage(tree, {
    examples: path => examples.get(path) ?? [],
    configFile: DEFAULT_CONFIG_FILE,
  })
  return new Map([
    ...Object.entries(SHELLS).map(([shell, script]) => [COMPLETIONS[shell] ?? shell, script(tree)] as const),
    ['packaging/amavis-digest.1', man],
    [SCHEMA_FILE, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`],
  ])
}

/** Under the names by which each shell finds them. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: 'packaging/completions/amavis-digest.bash',
  zsh: 'packaging/completions/_amavis-digest',
  fish: 'packaging/completions/amavis-digest.fish',
}

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)]
