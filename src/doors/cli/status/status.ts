import type { Command } from 'commander'
import { statusJson } from '../../../desks/admin/stuck/status-json.ts'
import { CodedError, type ErrorCode } from '../../../ground/errors.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { sentenceOf } from './by-hand-words.ts'
import { checkStatus } from './status-check.ts'
import { statusText } from './status-text.ts'

interface StatusOptions extends CommonOptions {
  readonly all?: boolean
  readonly check?: boolean
  readonly retry?: readonly string[]
  readonly drop?: readonly string[]
}

export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('what is pending, being sent, failed or waiting for a retry')
    .option('--all', 'show every line of each list')
    .option('--retry <what...>', `try again now: ids, or ${GROUPS}`)
    .option('--drop <what...>', `give up what waits for another attempt: ids, or ${GROUPS}`)
    .option('--check', 'one line for Nagios and the like, with exit status 0 OK, 1 WARNING or 2 CRITICAL')
    .option('--json', 'print all of it as JSON')
    .action(status(cli))
}

const GROUPS = 'digests, releases or all for what waits for another attempt'

const status =
  (cli: Cli) =>
  async (_options: StatusOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<StatusOptions>()
    if (options.retry && options.drop) {
      throw new CodedError('USAGE', 'Use either --retry or --drop, not both at once.')
    }
    const what = options.retry ?? options.drop
    if (options.check && what) throw new CodedError('USAGE', 'Use --check without --retry and --drop.')
    if (options.check) await checkStatus(cli, options)
    else if (what) await retryOrDrop(cli, what, options)
    else await show(cli, options)
  }

async function show(cli: Cli, options: StatusOptions): Promise<void> {
  const complete = options.all === true || options.json === true
  const { found, problems } = await withApp(cli, options, async app => {
    await app.checkOwnTables()
    const found = await app.desk.stuck.status(undefined, complete ? undefined : LINES)
    return { found, problems: await problemsOf(app) }
  })
  print(options.json ? JSON.stringify({ ...statusJson(found), problems }) : statusText(found))
  for (const { message } of problems) printNote(`amavis-digest: ${message}`)
  if (problems.length > 0) process.exitCode = 1
}

/** What keeps the program from its work, although our own tables can be read. */
interface FoundProblem {
  readonly part: string
  readonly code: ErrorCode
  readonly message: string
}

async function problemsOf(app: App): Promise<FoundProblem[]> {
  try {
    await app.checkStorage()
    return []
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return [{ part: 'storage', code: error.code, message: error.message }]
  }
}

/** How many lines of each list are shown. */
const LINES = 20

async function retryOrDrop(cli: Cli, what: readonly string[], options: StatusOptions): Promise<void> {
  const done = await withApp(cli, options, async app => {
    await app.check()
    const request = { what, by: commandLineEditor() }
    return options.drop ? app.desk.stuck.drop(request) : app.desk.stuck.retry(request)
  })
  if (options.json) print(JSON.stringify(done))
  if (done.length === 0) printNote('Nothing waits for another attempt.')
  for (const result of done) printNote(sentenceOf(result))
  if (done.some(({ did }) => did === 'failed')) process.exitCode = 1
}
