import { Gate } from '../../concurrency/gate.ts'
import { SECOND } from '../../durations.ts'
import { CodedError } from '../../errors.ts'
import { accountOf } from '../../files/accounts.ts'
import type { FilterTeacher, TeacherFault, Verdict } from '../filter-teacher.ts'
import { invocationAs } from './invocation-as.ts'
import { hasNoNewPrivileges, serviceHasNoNewPrivileges } from './new-privileges.ts'
import { type Ended, run } from './run.ts'

export interface SaLearnOptions {
  /** The absolute path of the program. */
  readonly command: string
  /** The user whose database SpamAssassin reads; undefined: our own. */
  readonly user: string | undefined
  /** Milliseconds, for waiting until others are done and for the program itself. */
  readonly timeout: number
  /** The number of the user as whom the service runs, for root who looks whether it works there. */
  readonly service: () => number | undefined
}

/**
 * Teaches SpamAssassin on this machine by its program `sa-learn`, which reads the message from its standard input: one
 * message at a time, because the program locks its database and takes as much memory as SpamAssassin.
 */
export function createSaLearn({ command, user, timeout, service }: SaLearnOptions): FilterTeacher {
  const gate = new Gate(1)
  const start = async (args: readonly string[], input: Uint8Array, limit: number) => {
    const invocation = invocationAs(user, command, args)
    if (invocation.program === 'sudo' && hasNoNewPrivileges())
      throw new CodedError('LEARN_FAILED', mayNotBecome(user))
    return run(invocation, input, limit)
  }
  return {
    verdicts: ['notSpam', 'spam'],
    patience: timeout,
    async teach(message, verdict) {
      const until = performance.now() + timeout
      const input = await message.octets()
      await gate
        .run(async () => {
          requireLearnt(await start([SWITCHES[verdict]], input, Math.max(1, until - performance.now())))
        }, AbortSignal.timeout(timeout))
        .catch((error: unknown) => {
          if (error instanceof CodedError) throw error
          throw new CodedError('LEARN_FAILED', 'sa-learn is busy with other messages. Try again in a minute.')
        })
    },
    async probe() {
      const fault = await faultOf(() => start(VERSION, NOTHING, PROBE_LIMIT), `${command} does not run`)
      return fault === undefined && user !== undefined && process.geteuid?.() === 0
        ? faultAsService(user, command, service())
        : fault
    },
  }
}

const SWITCHES = { spam: '--spam', notSpam: '--ham' } as const satisfies Record<Verdict, string>

const VERSION = ['--version']
const NOTHING = new Uint8Array()
const PROBE_LIMIT = 10 * SECOND

/** What root can do, the service may not: it is tried as its user, too. */
async function faultAsService(
  user: string,
  command: string,
  uid: number | undefined,
): Promise<TeacherFault | undefined> {
  const account = accountOf(uid ?? 0)
  if (!account || account.uid === 0 || account.name === user) return undefined
  if (await serviceHasNoNewPrivileges()) return { message: mayNotBecome(user), fix: FIX }
  return faultOf(() => {
    const { program, args } = invocationAs(user, command, VERSION, account.uid)
    return run(invocationAs(account.name, program, args), NOTHING, PROBE_LIMIT)
  }, `${command} does not run for the service, as ${account.name}`)
}

/** @param sentence how the fault begins */
async function faultOf(start: () => Promise<Ended>, sentence: string): Promise<TeacherFault | undefined> {
  try {
    const { code, output } = await start()
    return code === 0 ? undefined : { message: `${sentence}: ${lastLine(output)}`, fix: FIX }
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), fix: FIX }
  }
}

const mayNotBecome = (user = ''): string =>
  `the service cannot run sa-learn as ${user}: its unit has NoNewPrivileges=yes, under which sudo does nothing`

const FIX =
  'Install SpamAssassin (apt install spamassassin), let learn.command name sa-learn, and learn.user the user of amavisd. docs/guides/requests.md, Teaching the filter, says how the service may run it as that user.'

/** The program ends with 0 also for a message that it knows, with 1 for one at which it did not look. */
function requireLearnt({ code, output }: Ended): void {
  if (code === 0) return
  if (/\(0 message\(s\) examined\)/.test(output))
    throw new CodedError('LEARN_FAILED', 'SpamAssassin passes over messages of more than 256 KB.')
  throw new CodedError('LEARN_FAILED', `sa-learn ended with ${code ?? 'a signal'}: ${lastLine(output)}`)
}

const lastLine = (output: string): string =>
  output
    .trim()
    .split('\n')
    .at(-1)
    ?.replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, LONGEST_LINE) || 'it said nothing'

const LONGEST_LINE = 300
