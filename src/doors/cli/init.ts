import type { Command } from 'commander'
import { DEFAULT_CONFIG_FILE, namedConfigFile } from '../../ground/config/config-file.ts'
import { type CommonOptions, print, printNote } from './context.ts'

interface InitOptions extends CommonOptions {
  readonly amavisConf: string
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description(
      "write a token key and a commented configuration, filled in from amavisd's own configuration",
    )
    .option('--amavis-conf <path>', "amavisd's configuration: a file, or a folder of them", '/etc/amavis')
    .option('--json', 'print the result as JSON')
    .action(init)
}

async function init(_options: InitOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<InitOptions>()
  const path = namedConfigFile(options.config, process.env) ?? DEFAULT_CONFIG_FILE
  const { initialise } = await import('../../ground/config/initialise.ts')
  const written = initialise({ path, amavisConf: options.amavisConf, now: Date.now() })
  if (options.json) {
    print(JSON.stringify({ ...written, found: written.found.map(({ key, source }) => ({ key, source })) }))
    return
  }
  printNote(`Written: ${written.config} (yours to edit) and ${written.keyFile} (secret).`)
  for (const { key, source } of written.found) printNote(`${key}: ${source}`)
  printNote(`Next: check what is marked with CHECK in ${written.config}, then run: amavis-digest migrate`)
}
