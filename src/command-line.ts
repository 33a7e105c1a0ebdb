import { CommanderError } from 'commander'
import { addCommands } from './commands.ts'
import { type Cli, printError } from './doors/cli/context.ts'
import { isReported } from './doors/cli/output.ts'
import { nameIn, newProgram } from './doors/cli/program.ts'
import { CodedError, exitCodeOf } from './ground/errors.ts'
import { VERSION } from './ground/version.ts'

/** Runs the command that the arguments of this process name. Its failure is told on stderr and by `process.exitCode`. */
export async function runCommandLine(cli: Cli): Promise<void> {
  try {
    const program = newProgram(VERSION)
    await addCommands(program, cli, nameIn(program, process.argv.slice(2)))
    await program.parseAsync()
  } catch (error) {
    process.exitCode = exitStatus(error)
  }
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
