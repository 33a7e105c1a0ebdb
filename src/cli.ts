import { Command, CommanderError } from 'commander'
import { tell } from './cli/context.ts'
import { addDemo } from './cli/demo.ts'
import { addInit } from './cli/init.ts'
import { addKeys } from './cli/keys.ts'
import { addMigrate } from './cli/migrate.ts'
import { addPreview } from './cli/preview.ts'
import { addRecipients } from './cli/recipients.ts'
import { addRelease } from './cli/release.ts'
import { addRun } from './cli/run.ts'
import { addSchedules } from './cli/schedules.ts'
import { addServe } from './cli/serve.ts'
import { addStatus } from './cli/status.ts'
import { addWorker } from './cli/worker.ts'
import { DEFAULT_CONFIG_FILE } from './config/load.ts'
import { CodedError, exitCodeOf } from './errors.ts'
import { VERSION } from './version.ts'

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
])
  add(program)
for (const command of program.commands) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitStatus(error)
}

function exitStatus(error: unknown): number {
  // Commander has said what is wrong with the words, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CodedError) tell(`amavis-digest: ${error.message}`)
  else
    tell(
      `amavis-digest: unexpected failure, please report it:\n${error instanceof Error ? error.stack : error}`,
    )
  return exitCodeOf(error)
}
