import { Gate } from '../../concurrency/gate.ts'
import { SECOND } from '../../durations.ts'
import { CodedError } from '../../errors.ts'
import type { FilterTeacher, Verdict } from '../filter-teacher.ts'
import { invocationAs } from './invocation-as.ts'
import { type Ended, run } from './run.ts'

export interface SaLearnOptions {
  /** The absolute path of the program. */
  readonly command: string
  /** The user whose database SpamAssassin reads; undefined: our own. */
  readonly user: string | undefined
  /** Milliseconds, for waiting until others are done and for the program itself. */
  readonly timeout: number
}

/**
 * Teaches SpamAssassin on this machine by its program `sa-learn`, which reads the message from its standard input: one
 * message at a time, because the program locks its database and takes as much memory as SpamAssassin.
 */
export function createSaLearn({ command, user, timeout }: SaLearnOptions): FilterTeacher {
  const gate = new Gate(1)
  const start = (args: readonly string[], input: Uint8Array, limit: number) =>
    run(invocationAs(user, command, args), input, limit)
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
      try {
        const { code, output } = await start(['--version'], new Uint8Array(), PROBE_LIMIT)
        return code === 0 ? undefined : { message: `${command} does not run: ${lastLine(output)}`, fix: FIX }
      } catch (error) {
        return { message: error instanceof Error ? error.message : String(error), fix: FIX }
      }
    },
  }
}

const SWITCHES = { spam: '--spam', notSpam: '--ham' } as const satisfies Record<Verdict, string>

const PROBE_LIMIT = 10 * SECOND

const FIX =
  'Install SpamAssassin (apt install spamassassin), let learn.command name sa-learn, and learn.user the user of amavisd. Unless the service runs as root, its user needs a line in /etc/sudoers: "USER ALL=(amavis) NOPASSWD: /usr/bin/sa-learn".'

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
