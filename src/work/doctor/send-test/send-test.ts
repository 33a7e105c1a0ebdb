import { recordAudit } from '../../../ground/audit/record.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { answersFor, isReader } from '../../../ground/directory/readers-of.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import { type Check, type Finding, fail } from '../../../ground/health/check.ts'
import type { Submitted } from '../../../ground/mail/submission.ts'
import { newId } from '../../../ground/state/id.ts'
import { cleanUp } from './clean-up.ts'
import { comesBack } from './comes-back.ts'
import { digestTest } from './digest-test.ts'
import { DOCTOR } from './doctor-actor.ts'
import { findHeld } from './find-held.ts'
import { reachesMailbox } from './reaches-mailbox.ts'
import { releaseTest } from './release-test.ts'
import type { SendTestDeps } from './send-test-deps.ts'
import { storedTime } from './stored-time.ts'
import { testMail } from './test-mail.ts'

/** How long to wait for each step, in milliseconds. */
const PATIENCE = {
  /** For a filter that takes the mail first and scans it then. */
  held: MINUTE,
  digest: 30 * SECOND,
  /** For a released mail to be held again. */
  back: 5 * SECOND,
  mailbox: MINUTE,
}

/**
 * Sends a mail of our own to a reader through the filter, and follows it: held, listed in a digest, released, and on its
 * way to the mailbox. The findings end where it got lost. It appears in no other digest, and is marked as deleted in
 * amavis's tables in the end, unless it was released.
 */
export const sendTestCheck = (deps: SendTestDeps, address: string): Check => ({
  id: 'send-test',
  async run(signal) {
    const findings: Finding[] = []
    for await (const finding of follow(deps, address, signal)) findings.push(finding)
    return findings
  },
})

async function* follow(
  deps: SendTestDeps,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<Finding, void, void> {
  const reader = await readerFor(deps, address)
  if (typeof reader !== 'string') return yield reader
  const { messageId, message } = testMail(newId(deps.clock()), deps.sender, reader, deps.clock())
  const sentAt = deps.clock()
  try {
    const submitted = await deps.submit({ from: '', to: reader, message })
    if (submitted.outcome !== 'taken') return yield notTaken(deps, submitted)
    const held = await findHeld(deps, { messageId, reply: submitted.reply, patience: PATIENCE.held, signal })
    yield held.finding
    if (!held.row) return
    const wrongTime = storedTime(held.row.timeNum, sentAt)
    if (wrongTime) yield wrongTime
    const digest = await digestTest(deps, { row: held.row, reader, patience: PATIENCE.digest, signal })
    yield digest.finding
    if (!digest.item) return
    const release = await releaseTest(deps, digest.item)
    yield release
    if (release.status !== 'ok') return
    const back = await comesBack(deps, {
      messageId,
      mailId: held.row.mailId,
      patience: PATIENCE.back,
      signal,
    })
    yield back
    const { openMailbox } = deps
    if (back.status === 'ok' && openMailbox)
      yield await reachesMailbox({ openMailbox }, { messageId, patience: PATIENCE.mailbox, signal })
  } finally {
    await cleanUp(deps, messageId)
  }
}

/** @returns the reader in the normal form, or why the mail is not sent */
async function readerFor(deps: SendTestDeps, address: string): Promise<string | Finding> {
  const reader = readerAddress(address.trim())
  const answer = reader && (await answersFor(deps.directory, [reader])).get(reader)
  if (reader !== undefined && answer && isReader(answer, reader)) {
    const audit = {
      actor: DOCTOR,
      action: 'run',
      recipient: reader,
      outcome: 'made',
      detail: DETAIL,
    } as const
    await recordAudit(deps.releases.state, audit, deps.clock())
    return reader
  }
  return fail(
    `${address} gets no digests: the directory does not call it the reader of its own mail.`,
    `amavis-digest directory show ${address} tells who reads its mail; test with that address.`,
  )
}

const DETAIL = 'a test mail, and a digest of it alone'

const notTaken = ({ through }: SendTestDeps, { outcome, reply }: Submitted): Finding =>
  outcome === 'refused'
    ? fail(
        `Not held: the filter refused the test mail (${through}): ${reply}`,
        'Let the policy of this address discard spam into the quarantine ($final_spam_destiny = D_DISCARD), not reject it.',
      )
    : fail(
        `Not held: the filter could not be asked (${through}): ${reply}`,
        'Start amavisd, or name the port at which it takes mail: --through smtp://127.0.0.1:10024',
      )
