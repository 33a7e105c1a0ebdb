import { scannedMessages } from '../../../ground/amavis/scanned-messages.ts'
import { type Finding, fail, ok } from '../../../ground/health/check.ts'
import { poll } from './poll.ts'
import type { SendTestDeps } from './send-test-deps.ts'

interface Released {
  readonly messageId: string
  /** Of the message that was released. */
  readonly mailId: string
  /** Milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal
}

/** Whether the released mail is on its way to the mailbox, or was scanned and held again. */
export async function comesBack(deps: SendTestDeps, released: Released): Promise<Finding> {
  const { messageId, mailId, patience, signal } = released
  const again = async () =>
    (await scannedMessages(deps.storage, [messageId])).find(scanned => scanned.mailId !== mailId)
  const copy = await poll(again, patience, signal)
  if (copy && !copy.passed)
    return fail(
      `Lost in a loop: the released mail went through the filter again, and was held again (mail id ${copy.mailId}).`,
      "Let $release_method lead behind the filter: 'smtp:[127.0.0.1]:10025', the port at which your MTA takes mail back.",
    )
  return ok('not held again: it is on its way to the mailbox')
}
