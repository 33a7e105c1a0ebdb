import { Command } from 'commander'
import { DEFAULT_CONFIG_FILE } from '../../ground/config/config-file.ts'
import { readable } from './context.ts'
import { examplesText } from './examples.ts'

/** The program without its commands. It throws CommanderError where commander would exit. */
export const newProgram = (version: string): Command =>
  new Command('amavis-digest')
    .description(
      'Mails each mailbox owner a digest of what amavisd quarantined, with a signed link per message that frees it.',
    )
    .version(version)
    .option(
      '--config <file>',
      `the configuration (default: $AMAVIS_DIGEST_CONFIG, else ${DEFAULT_CONFIG_FILE})`,
    )
    .exitOverride()
    .configureOutput({ writeErr: text => void process.stderr.write(readable(text)) })
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: option => HELP.optionDescription(option) + (option.mandatory ? ' (required)' : ''),
    })
    .addHelpText('afterAll', ({ command }) => examplesText(command))

/** The command that the arguments name, if they name one. @throws CommanderError for --version */
export const nameIn = (program: Command, args: readonly string[]): string | undefined =>
  program.parseOptions([...args]).operands[0]

const HELP = new Command().createHelp()
