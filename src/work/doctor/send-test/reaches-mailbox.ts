import { type Finding, fail, ok } from '../../../ground/health/check.ts'
import { poll } from './poll.ts'

/** A mailbox into which the test may look: that of the reader whom it is for. */
export interface LookedIntoMailbox extends AsyncDisposable {
  /** @param messageId as it stands in the header */
  has(messageId: string): Promise<boolean>
}

export interface ReachesMailboxDeps {
  readonly openMailbox: () => Promise<LookedIntoMailbox>
}

interface Expected {
  readonly messageId: string
  /** Milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal
}

/** Whether the released mail arrives in the reader's mailbox. */
export async function reachesMailbox(deps: ReachesMailboxDeps, expected: Expected): Promise<Finding> {
  const { messageId, patience, signal } = expected
  try {
    await using mailbox = await deps.openMailbox()
    const look = async () => (await mailbox.has(messageId)) || undefined
    return (await poll(look, patience, signal)) ? ARRIVED : LOST
  } catch (error) {
    return fail(
      `Not followed to the end: the mailbox of doctor.mailbox could not be opened: ${wordsOf(error)}`,
      'Let doctor.mailbox have the server, the user and the password of the mailbox that the test is for.',
    )
  }
}

const ARRIVED = ok('it is in the mailbox')

const LOST = fail(
  'Lost behind the mail server: it took the released mail, and the mailbox of doctor.mailbox does not have it.',
  "See in the mail server's log what became of it. Is doctor.mailbox that of the address that the test was for?",
)

/** The server's own words, where there are some. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  const { responseText } = error as { responseText?: unknown }
  return typeof responseText === 'string' ? responseText : error.message
}
