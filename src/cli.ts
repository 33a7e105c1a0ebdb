import { CommanderError } from 'commander'
import { addCommands } from './commands.ts'
import { type Cli, printError, printNote } from './doors/cli/context.ts'
import { isReported, surviveLostOutput } from './doors/cli/output.ts'
import { nameIn, newProgram } from './doors/cli/program.ts'
import { CodedError, exitCodeOf } from './ground/errors.ts'
import { keepHeapSmall } from './ground/heap.ts'
import { VERSION } from './ground/version.ts'

surviveLostOutput(printNote)
try {
  const program = newProgram(VERSION)
  // Most commands need neither the whole program nor the demo.
  const cli: Cli = {
    createApp: async (...request) => {
      const { createApp } = await import('./app.ts')
      keepHeapSmall()
      return createApp(...request)
    },
    runDemo: async request => (await import('./demo/demo.ts')).runDemo(request),
  }
  await addCommands(program, cli, nameIn(program, process.argv.slice(2)))
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitStatus(error)
}

function exitStatus(error: unknown): number {
  // Commander has already printed what is wrong with the arguments, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (isReported(error)) return 1
  if (error instanceof CodedError || isOfTheSystem(error)) printError(`amavis-digest: ${error.message}`)
  else
    printError(
      `amavis-digest: unexpected failure, please report it:\n${error instanceof Error ? error.stack : error}`,
    )
  return exitCodeOf(error)
}

/** Such as a full disk: its message says what is wrong, and a stack would not help. */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
