import { type HeldMailRow, heldMailBetween } from '../../../ground/amavis/held-mail-between.ts'
import { type ScannedMessage, scannedMessages } from '../../../ground/amavis/scanned-messages.ts'
import { SECOND } from '../../../ground/durations.ts'
import { type Finding, fail, ok } from '../../../ground/health/check.ts'
import { poll } from './poll.ts'
import type { SendTestDeps } from './send-test-deps.ts'

export interface Wanted {
  readonly messageId: string
  /** What the filter said when it took the mail. */
  readonly reply: string
  /** Milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal
}

export interface FoundHeld {
  readonly finding: Finding
  /** Undefined: it is not held, or we would not collect it. */
  readonly row: HeldMailRow | undefined
}

/** Waits until the test mail is held, as collecting sees it; or says where it is instead. */
export async function findHeld(deps: SendTestDeps, wanted: Wanted): Promise<FoundHeld> {
  const { messageId, reply, signal } = wanted
  const look = async () => (await scannedMessages(deps.storage, [messageId]))[0]
  // amavisd writes its rows before it answers. A mail server scans later.
  const patience = isOfFilter(reply) ? Math.min(wanted.patience, SECOND) : wanted.patience
  const scanned = await poll(look, patience, signal)
  if (!scanned) return lost(notSeen(deps, reply, patience))
  if (scanned.passed) return lost(PASSED(reply))
  if (!scanned.isKept) return lost(NO_COPY)
  const row = await collectable(deps, scanned)
  return row
    ? { row, finding: ok(`held, and seen in the quarantine (mail id ${row.mailId})`) }
    : lost(NOT_COLLECTED)
}

const lost = (finding: Finding): FoundHeld => ({ finding, row: undefined })

async function collectable(
  { storage, filter }: SendTestDeps,
  { mailId, timeNum }: ScannedMessage,
): Promise<HeldMailRow | undefined> {
  const rows = await heldMailBetween(storage, filter, timeNum, timeNum + 1)
  return rows.find(row => row.mailId === mailId)
}

/** amavisd's own words: `250 2.7.0 Ok, discarded, id=…`, `250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): …`. */
const isOfFilter = (reply: string): boolean => isDiscarded(reply) || isPassed(reply)
const isDiscarded = (reply: string): boolean => /\bdiscarded\b|\bid=\d+-\d+/i.test(reply) && !isPassed(reply)
const isPassed = (reply: string): boolean => /\bfrom MTA\(/i.test(reply)

function notSeen({ through, otherDatabase }: SendTestDeps, reply: string, patience: number): Finding {
  if (isPassed(reply)) return PASSED(reply)
  if (otherDatabase !== undefined)
    return fail(`Not seen: amavisd took the test mail (${reply}), and ${otherDatabase}`, SAME_DATABASE)
  if (isDiscarded(reply))
    return fail(
      `Held without a copy: amavisd discarded the test mail (${reply}) and wrote nothing into the database that we read.`,
      `${GIVE_COPY} If other mail is held with a copy, look at the policy of this address. If none is: ${SAME_DATABASE}`,
    )
  return fail(
    `Not held: ${through} took the test mail (${reply}), and nothing was held within ${patience / SECOND} s.`,
    'See in its log where the mail went. Does that port lead through amavisd? --through smtp://127.0.0.1:10024 names the port of amavisd itself.',
  )
}

const SAME_DATABASE = "Let storage.url name the database of amavisd's @storage_sql_dsn."
const GIVE_COPY =
  "Give its policy a quarantine: spam_quarantine_to NULL or an address, no spam_quarantine_cutoff_level below 999; or $spam_quarantine_method = 'sql:' and $spam_quarantine_to."

const PASSED = (reply: string): Finding =>
  fail(
    `Not held: amavisd passed the test mail on as if it were no spam, or its policy passes spam (${reply}).`,
    "Look at $final_spam_destiny, at the policy's spam_lover and bypass_spam_checks, and at @bypass_spam_checks_maps.",
  )

const NO_COPY = fail(
  'Held without a copy: amavisd stored that it held the test mail, and no copy of it.',
  GIVE_COPY,
)

const NOT_COLLECTED = fail(
  'Held, but in no digest: the test mail is in the quarantine, and collecting leaves mail like it out.',
  'Name the domain in @local_domains_maps of amavisd, or set collect.localOnly: false; policy.spam: never leaves out all spam.',
)
