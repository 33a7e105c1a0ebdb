import type { Command } from 'commander'
import { initialise } from '../../ground/config/initialise.ts'
import { DEFAULT_CONFIG_FILE } from '../../ground/config/load.ts'
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

function init(_options: InitOptions, command: Command): void {
  const options = command.optsWithGlobals<InitOptions>()
  const path = options.config ?? process.env.AMAVIS_DIGEST_CONFIG ?? DEFAULT_CONFIG_FILE
  const written = initialise({ path, amavisConf: options.amavisConf, now: Date.now() })
  if (options.json) {
    const { config, keyFile, found } = written
    print(JSON.stringify({ config, keyFile, found: found.map(({ key, source }) => ({ key, source })) }))
    return
  }
  printNote(`Written: ${written.config} (yours to edit) and ${written.keyFile} (secret).`)
  for (const { key, source } of written.found) printNote(`${key}: ${source}`)
  for (const sentence of written.lacks) printNote(sentence)
  printNote(`Next: check what is marked with CHECK in ${written.config}, then run: amavis-digest migrate`)
}
