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
import { type DeliverDeps, deliver } from './deliver.ts'
import { askForDigests } from './outbox.ts'

export type SendNowDeps = RunDeps & DeliverDeps

/** What became of a digest that somebody asked for. */
export interface SentNow {
  /** Made now. */
  readonly digests: number
  /** Taken by the SMTP server. */
  readonly sent: number
  readonly outcome: SendNowOutcome
}

export type SendNowOutcome =
  | 'sent'
  /** Made, now or before: it is sent as soon as the SMTP server takes it. */
  | 'queued'
  | 'nothing-waits'
  /** The SMTP server has refused it for good. */
  | 'refused'

/**
 * Makes and delivers at once a digest of all that waits for a reader, and what was made before and is spread or put off,
 * whatever the schedule says and though the reader has paused: somebody asks for it.
 *
 * @param patience milliseconds for the SMTP server; what it has not taken by then is sent while nobody waits
 * @throws CodedError READER_UNKNOWN, OUT_OF_REACH, SETTING_LOCKED when an admin has turned this reader's digests off
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
  // First: what another process withholds before it is asked for waits by then, and is in the digest that is made.
  await askForDigests(deps.state, [reader], startedAt)
  const { digests } = await run(deps, {
    schedule: undefined,
    readers: [reader],
    evenPaused: true,
    dueAt: startedAt,
  })
  await forAWhile(deps, deliver(deps, { dueAt: deps.clock(), readers: [reader] }), patience)
  const ended = await endedSince(deps, reader, startedAt)
  const sent = ended.filter(state => state === 'sent').length
  const outcome = outcomeOf(ended, await isOneOnItsWay(deps.state, reader))
  await recordAudit(
    deps.state,
    { actor: by.actor, action: 'send-now', recipient: reader, outcome },
    deps.clock(),
  )
  return { digests, sent, outcome }
}

const PATIENCE = 15 * SECOND

/** Waits for what goes on afterwards. */
async function forAWhile({ log }: SendNowDeps, delivery: Promise<unknown>, patience: number): Promise<void> {
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

/** Whoever made and delivered them: one that was put off may have been sent now, and another process be faster. */
async function endedSince(deps: SendNowDeps, reader: string, since: number): Promise<readonly DigestState[]> {
  const rows = await deps.state.sql
    .selectFrom('digest_digest')
    .select('state')
    .where('reader', '=', reader)
    .where('created_at', '>=', since - 2 * deps.giveUpDigestsAfter)
    .where('finished_at', '>=', since)
    .orderBy('created_at', 'desc')
    .limit(MOST)
    .execute()
  return rows.map(row => row.state)
}

/** More digests than one reader can get in the time of a request. */
const MOST = 20

async function isOneOnItsWay(state: Database<StateTables>, reader: string): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('reader', '=', reader)
    .where('state', '=', 'pending')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

function outcomeOf(ended: readonly DigestState[], isPending: boolean): SendNowOutcome {
  if (ended.includes('sent')) return 'sent'
  if (isPending) return 'queued'
  return ended.includes('failed') ? 'refused' : 'nothing-waits'
}
