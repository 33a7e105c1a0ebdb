import type { Database } from '../../ground/database/database.ts'
import {
  type CountedDigests,
  type CountedReleases,
  MAX_COUNT,
  type StateFigures,
} from '../../ground/metrics/state-figures.ts'
import type { DigestTable, StateTables } from '../../ground/state/state-tables.ts'
import { RELEASE_STATES } from '../../ground/state/states.ts'
import { waitingItems } from '../../ground/state/waiting-items.ts'
import { unlistedMessages } from '../collect/unlisted.ts'
import { countOf, findForEach } from './count.ts'
import { digestsInState } from './digest-groups.ts'
import { releasesInState } from './release-groups.ts'

/** Reads the figures along indexes: the time depends on the number of rows counted, not on the size of the tables. */
export async function stateFigures(state: Database<StateTables>): Promise<StateFigures> {
  const digests = (is: CountedDigests) =>
    countOf(state, digestsInState(state, is).select('state').limit(MAX_COUNT))
  const releases = (is: CountedReleases) =>
    countOf(state, releasesInState(state, is).select('state').limit(MAX_COUNT))
  return {
    digests: await findForEach(DIGESTS, digests),
    releases: await findForEach(RELEASES, releases),
    itemsWaiting: await countOf(state, waitingItems(state).select('digest_id').limit(MAX_COUNT)),
    unlisted: await countUnlisted(state),
    requestsWaiting: await countOf(state, waitingRequests(state).select('state').limit(MAX_COUNT)),
    oldestRequestAt: await oldestRequest(state),
    oldestPendingAt: await oldestPending(state),
    runsFinishedAt: await lastRuns(state),
  }
}

/** How many messages no digest lists, because no mail can be sent to their recipient; of the last 30 days. */
export const countUnlisted = (state: Database<StateTables>): Promise<number> =>
  countOf(state, unlistedMessages(state).select('name').limit(MAX_COUNT))

const DIGESTS = ['pending', 'failed'] as const satisfies readonly CountedDigests[]
const RELEASES = RELEASE_STATES.filter(state => state !== 'released')

/**
 * When the oldest pending digest began to wait. Checks both ends of the queue: unsent digests stay at the head,
 * postponed ones move to the tail.
 */
async function oldestPending(state: Database<StateTables>): Promise<number | undefined> {
  const times = [...(await endOfQueue(state, 'asc')), ...(await endOfQueue(state, 'desc'))]
  return times.length === 0 ? undefined : Math.min(...times)
}

async function endOfQueue(state: Database<StateTables>, order: 'asc' | 'desc'): Promise<number[]> {
  const rows = await digestsInState(state, 'pending')
    .select(['created_at', 'attempts', 'next_attempt_at', 'send_at'])
    .orderBy('next_attempt_at', order)
    .limit(LOOKED_AT)
    .execute()
  return rows.map(waitingSince)
}

/**
 * When the mail was first due, or the earlier time to which it was moved. Older versions did not record the first due
 * time: their digests are judged by the next attempt or, once attempted, by their creation.
 */
function waitingSince(
  row: Pick<DigestTable, 'created_at' | 'attempts' | 'next_attempt_at' | 'send_at'>,
): number {
  const first = row.send_at ?? (row.attempts === 0 ? row.next_attempt_at : row.created_at)
  return Math.min(Number(first), Number(row.next_attempt_at))
}

const LOOKED_AT = 500

/** As `src/work/requests` writes it: nobody has decided. */
const waitingRequests = ({ sql }: Database<StateTables>) =>
  sql.selectFrom('digest_request').where('state', '=', 'waiting')

async function oldestRequest(state: Database<StateTables>): Promise<number | undefined> {
  const row = await waitingRequests(state).select('asked_at').orderBy('asked_at').limit(1).executeTakeFirst()
  return row && Number(row.asked_at)
}

async function lastRuns({ sql }: Database<StateTables>): Promise<Map<string, number>> {
  const schedules = await sql.selectFrom('digest_schedule').select('name').where('enabled', '=', 1).execute()
  const finished = new Map<string, number>()
  for (const { name } of schedules) {
    const run = await sql
      .selectFrom('digest_run')
      .select('finished_at')
      .where('schedule', '=', name)
      .where('finished_at', 'is not', null)
      .orderBy('due_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (run) finished.set(name, Number(run.finished_at))
  }
  return finished
}
