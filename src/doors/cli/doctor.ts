import type { Command } from 'commander'
import { CodedError } from '../../ground/errors.ts'
import type { Examined } from '../../work/doctor/run-checks.ts'
import { type Cli, type CommonOptions, configOf, print } from './context.ts'

export function addDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('look for what admins get wrong, and say what mends it')
    .option('--json', 'as JSON')
    .action(doctor(cli))
}

const doctor =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const examined = await examine(cli, options)
    const { doctorJson, doctorText } = await import('./doctor-text.ts')
    const result = doctorJson(examined)
    print(options.json ? JSON.stringify(result) : doctorText(examined))
    if (!result.ok) process.exitCode = 1
    // A server that hangs holds up the end of its connections, and would hold up the end of this command.
    setTimeout(() => process.exit(), PATIENCE).unref()
  }

/** Milliseconds for closing connections after everything was printed. */
const PATIENCE = 1000

/** Without a configuration that can be used, it looks at what needs none. */
async function examine(cli: Cli, options: CommonOptions): Promise<readonly Examined[]> {
  try {
    return await examineConfigured(cli, options)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'USAGE') throw error
    const { examineUnconfigured } = await import('../../work/doctor/unconfigured.ts')
    return examineUnconfigured(error)
  }
}

async function examineConfigured(cli: Cli, options: CommonOptions): Promise<readonly Examined[]> {
  const config = await configOf(options)
  const { createLog } = await import('../../ground/log.ts')
  // What the log would warn of is among the findings.
  const app = await cli.createApp(config, { log: createLog('error', config.log.format), clock: Date.now })
  try {
    return await app.doctor.examine()
  } finally {
    // Not waited for: see PATIENCE.
    void app[Symbol.asyncDispose]()
  }
}
