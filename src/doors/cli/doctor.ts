import type { Command } from 'commander'
import { CodedError } from '../../ground/errors.ts'
import type { Examined } from '../../work/doctor/run-checks.ts'
import { type Cli, type CommonOptions, configOf, print } from './context.ts'

export function addDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('look for what admins get wrong, and say what mends it')
    .option('--send-test <address>', 'then let a mail to this reader be held and released, and follow it')
    .option('--through <url>', 'where amavisd takes the test mail, e.g. smtp://127.0.0.1:10024')
    .option('--amavis-conf <path>', "amavisd's configuration: a file, or a folder of them")
    .option('--dns <server>', 'the DNS server to ask, by its address')
    .option('--json', 'as JSON')
    .action(doctor(cli))
}

interface DoctorOptions extends CommonOptions {
  readonly sendTest?: string
  readonly through?: string
  readonly amavisConf?: string
  readonly dns?: string
}

const doctor =
  (cli: Cli) =>
  async (_options: DoctorOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<DoctorOptions>()
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
async function examine(cli: Cli, options: DoctorOptions): Promise<readonly Examined[]> {
  try {
    return await examineConfigured(cli, options)
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'USAGE') throw error
    const { examineUnconfigured } = await import('../../work/doctor/unconfigured.ts')
    return examineUnconfigured(error)
  }
}

async function examineConfigured(cli: Cli, options: DoctorOptions): Promise<readonly Examined[]> {
  const config = await configOf(options)
  const { createLog } = await import('../../ground/log.ts')
  // What the log would warn of is among the findings.
  const app = await cli.createApp(config, { log: createLog('error', config.log.format), clock: Date.now })
  try {
    const where = { amavisConf: options.amavisConf, dnsServer: options.dns }
    const examined = await app.doctor.examine(where)
    if (options.sendTest === undefined) return examined
    return [...examined, ...(await app.doctor.sendTest(options.sendTest, options.through, where))]
  } finally {
    // Not waited for: see PATIENCE.
    void app[Symbol.asyncDispose]()
  }
}
