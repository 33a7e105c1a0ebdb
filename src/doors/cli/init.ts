import type { Command } from 'commander'
import { DEFAULT_CONFIG_FILE, namedConfigFile, SERVICE_USER } from '../../ground/config/config-file.ts'
import type { Initialised } from '../../ground/config/initialise.ts'
import { type CommonOptions, print, printNote } from './context.ts'

interface InitOptions extends CommonOptions {
  readonly amavisConf?: string
  readonly ispconfig: string
  readonly user: string
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description(
      'write a token key and a commented configuration, filled in from those of amavisd and ISPConfig',
    )
    .option(
      '--amavis-conf <path>',
      "amavisd's configuration: a file, or a folder of them (default: where the system's package has it)",
    )
    .option('--ispconfig <path>', "ISPConfig's folder, or its config.inc.php", '/usr/local/ispconfig')
    .option(
      '--user <name>',
      'the user that the service runs as: it may read the configuration, and owns the key',
      SERVICE_USER,
    )
    .option('--json', 'print the result as JSON')
    .action(init)
}

async function init(_options: InitOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<InitOptions>()
  const { amavisConf, ispconfig, user } = options
  const path = namedConfigFile(options.config, process.env) ?? DEFAULT_CONFIG_FILE
  const { initialise } = await import('../../ground/config/initialise.ts')
  const written = initialise({ path, amavisConf, ispconfig, user, now: Date.now() })
  if (options.json) {
    const { config, keyFile, accountFile, found, lacks, addition } = written
    const sources = found.map(({ key, source }) => ({ key, source }))
    print(JSON.stringify({ config, keyFile, accountFile, found: sources, lacks, amavisd: addition }))
    return
  }
  printNote(`Written: ${written.config} (yours to edit) and ${written.keyFile} (secret).`)
  printNote(ownership(written, user))
  for (const { key, source } of written.found) printNote(`${key}: ${source}`)
  for (const sentence of written.lacks) printNote(sentence)
  if (written.addition) printNote(`${written.addition.how}\n\n${written.addition.perl}`)
  printNote(`Next: check what is marked with CHECK in ${written.config}, then run: amavis-digest migrate`)
}

function ownership({ config, keyFile, servedBy }: Initialised, user: string): string {
  if (servedBy !== undefined) {
    return `${servedBy} may read the configuration and owns the key. Leave the configuration root's: what it names is run.`
  }
  return process.geteuid?.() === 0
    ? `There is no user ${user} yet, so only root can read them. When the service has its user: chgrp ${user} ${config} && chmod 640 ${config} && chown ${user}: ${keyFile}`
    : 'Only you can read them.'
}
