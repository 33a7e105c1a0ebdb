import { Command, CommanderError } from 'commander'
import { createApp } from './app.ts'
import { runDemo } from './demo/demo.ts'
import { addAdmin } from './doors/cli/admin.ts'
import { printError } from './doors/cli/context.ts'
import { addDemo } from './doors/cli/demo.ts'
import { addInit } from './doors/cli/init.ts'
import { addKeys } from './doors/cli/keys/keys.ts'
import { addMigrate } from './doors/cli/migrate.ts'
import { addPreview } from './doors/cli/preview.ts'
import { addRecipients } from './doors/cli/recipients/recipients.ts'
import { addRelease } from './doors/cli/release.ts'
import { addRun } from './doors/cli/run.ts'
import { addSchedules } from './doors/cli/schedules/schedules.ts'
import { addServe } from './doors/cli/serve.ts'
import { addStatus } from './doors/cli/status/status.ts'
import { addWorker } from './doors/cli/worker.ts'
import { DEFAULT_CONFIG_FILE } from './ground/config/load.ts'
import { CodedError, exitCodeOf } from './ground/errors.ts'
import { VERSION } from './ground/version.ts'

const program = new Command('amavis-digest')
  .description(
    'Mails each mailbox owner a digest of what amavisd quarantined, with a signed link per message that frees it.',
  )
  .version(VERSION)
  .option(
    '--config <file>',
    `the configuration (default: $AMAVIS_DIGEST_CONFIG, else ${DEFAULT_CONFIG_FILE})`,
  )
  .exitOverride()

for (const add of [
  addDemo,
  addInit,
  addMigrate,
  addServe,
  addWorker,
  addRun,
  addRecipients,
  addPreview,
  addRelease,
  addSchedules,
  addStatus,
  addKeys,
  addAdmin,
])
  add(program, { createApp, runDemo })
for (const command of program.commands) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitStatus(error)
}

function exitStatus(error: unknown): number {
  // Commander has already printed what is wrong with the arguments, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CodedError) printError(`amavis-digest: ${error.message}`)
  else
    printError(
      `amavis-digest: unexpected failure, please report it:\n${error instanceof Error ? error.stack : error}`,
    )
  return exitCodeOf(error)
}
