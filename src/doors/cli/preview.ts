import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CodedError } from '../../ground/errors.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from './context.ts'
import { usageUnlessDisk } from './whole-file.ts'

interface PreviewOptions extends CommonOptions {
  readonly recipient: string
  readonly out?: string
}

export function addPreview(program: Command, cli: Cli): void {
  program
    .command('preview')
    .description("render a reader's next digest without claiming or sending anything; its links do not work")
    .requiredOption('--recipient <address>', 'whose digest')
    .option('--out <file>', 'write the HTML here instead of printing it')
    .option('--json', 'print subject, HTML and text part as JSON')
    .action(preview(cli))
}

const preview =
  (cli: Cli) =>
  async (_options: PreviewOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<PreviewOptions>()
    const digest = await withApp(cli, options, async app => {
      await app.check()
      return app.desk.digests.preview(undefined, options.recipient)
    })
    if (!digest) throw new CodedError('NOTHING_WAITS', `Nothing waits for ${options.recipient}.`)
    if (options.out !== undefined) {
      write(options.out, digest.html)
      printNote(`${digest.subject}: written to ${options.out}`)
    }
    if (options.json) print(JSON.stringify(digest))
    else if (options.out === undefined) print(digest.html)
  }

function write(path: string, html: string): void {
  try {
    writeFileSync(path, html)
  } catch (error) {
    throw usageUnlessDisk(error, message => `--out: ${message}`)
  }
}
