import { recordAudit } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { SECOND } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import { type Editor, requireReach } from '../../../rules/reach/reach.ts'
import { readerSettings } from '../../settings/read-settings.ts'
import { type RunDeps, run } from '../make/run.ts'
import { keptBack, whyKeptBack } from '../make/why-no-digest.ts'
import { type DeliverDeps, deliver } from './deliver.ts'
import { askForDigests } from './outbox.ts'

export type SendNowDeps = RunDeps & DeliverDeps

/** The outcome when somebody asked for a digest. */
export interface SentNow {
  /** How many digests were made now. */
  readonly digests: number
  /** How many the SMTP server has accepted. */
  readonly sent: number
  readonly outcome: SendNowOutcome
}

export type SendNowOutcome =
  | 'sent'
  /** It has been made, now or earlier, and is sent as soon as the SMTP server accepts it. */
  | 'queued'
  | 'nothing-waits'
  /** The SMTP server refused it for good. */
  | 'refused'

/**
 * Makes a digest of everything that waits for a reader and delivers it at once, together with digests that were made
 * earlier and are spread or put off. Somebody asked for it, so neither the schedule nor a pause of the reader matters.
 *
 * @param patience milliseconds to wait for the SMTP server; the sending goes on in the background after that
 * @throws CodedError READER_UNKNOWN, OUT_OF_REACH, SETTING_LOCKED when an admin has turned this reader's digests off or
 *   the directory lets the reader get none of what waits, DIRECTORY_UNREACHABLE when it does not say; RUN_OVERTAKEN
 */
export async function sendNow(
  deps: SendNowDeps,
  address: string,
  by: Editor,
  patience = PATIENCE,
): Promise<SentNow> {
  const reader = readerAddress(address.trim())
  if (reader === undefined) throw new CodedError('READER_UNKNOWN', 'Expected an address: alice@example.com.')
  requireReach(by.reach, reader)
  await requireEnabled(deps, reader)
  const startedAt = deps.clock()
  // Comes before the run: if another process withholds a digest first, its messages are pending again when the run
  // begins.
  await askForDigests(deps.state, [reader], startedAt)
  const { digests } = await run(deps, {
    schedule: undefined,
    readers: [reader],
    evenPaused: true,
    dueAt: startedAt,
  })
  await waitAtMost(deps, deliver(deps, { dueAt: deps.clock(), readers: [reader] }), patience)
  const ended = await endedSince(deps, reader, startedAt)
  const sent = ended.filter(state => state === 'sent').length
  const outcome = outcomeOf(ended, await hasPendingDigest(deps.state, reader))
  await recordAudit(
    deps.state,
    { actor: by.actor, action: 'send-now', recipient: reader, outcome },
    deps.clock(),
  )
  if (outcome === 'nothing-waits') await requireNothingKeptBack(deps, reader)
  return { digests, sent, outcome }
}

const PATIENCE = 15 * SECOND

/** Waits for the delivery, at most for `patience`; it goes on afterwards. */
async function waitAtMost({ log }: SendNowDeps, delivery: Promise<unknown>, patience: number): Promise<void> {
  const { promise: tooLong, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, patience)
  try {
    await Promise.race([delivery, tooLong])
  } finally {
    clearTimeout(timer)
    delivery.catch(error =>
      log.error({ err: error }, 'a digest that somebody asked for could not be delivered'),
    )
  }
}

async function requireEnabled(deps: SendNowDeps, reader: string): Promise<void> {
  const { enabled } = await readerSettings(deps.state, reader, deps.standard)
  if (enabled) return
  throw new CodedError('SETTING_LOCKED', `The digests of ${reader} are turned off: turn them on first.`)
}

async function requireNothingKeptBack(deps: SendNowDeps, reader: string): Promise<void> {
  const [found] = await keptBack(deps, [reader])
  if (!found) return
  const code = found.why === 'no answer' ? 'DIRECTORY_UNREACHABLE' : 'SETTING_LOCKED'
  throw new CodedError(code, whyKeptBack(found))
}

/**
 * The states of this reader's digests that ended since a time. These may include a digest that was put off before, and
 * those that another process has sent.
 */
async function endedSince(deps: SendNowDeps, reader: string, since: number): Promise<readonly DigestState[]> {
  const rows = await deps.state.sql
    .selectFrom('digest_digest')
    .select('state')
    .where('reader', '=', reader)
    .where('created_at', '>=', since - 2 * deps.giveUpDigestsAfter)
    .where('finished_at', '>=', since)
    .where('copy_of', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(MOST_ENDED)
    .execute()
  return rows.map(row => row.state)
}

/** More digests than one reader can get during one request. */
const MOST_ENDED = 20

async function hasPendingDigest(state: Database<StateTables>, reader: string): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('reader', '=', reader)
    .where('state', '=', 'pending')
    .where('copy_of', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

function outcomeOf(ended: readonly DigestState[], isPending: boolean): SendNowOutcome {
  if (ended.includes('sent')) return 'sent'
  if (isPending) return 'queued'
  return ended.includes('failed') ? 'refused' : 'nothing-waits'
}
