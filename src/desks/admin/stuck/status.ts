import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { countOf, findForEach } from '../../../work/stuck/count.ts'
import { DIGEST_GROUPS, type DigestGroup } from '../../../work/stuck/digest-groups.ts'
import { type DigestLine, digestsOf } from '../../../work/stuck/digest-lines.ts'
import type { Group } from '../../../work/stuck/group.ts'
import { RELEASE_GROUPS, type ReleaseGroup } from '../../../work/stuck/release-groups.ts'
import { type ReleaseLine, releasesOf } from '../../../work/stuck/release-lines.ts'
import { countUnlisted } from '../../../work/stuck/state-figures.ts'
import { readNextRuns } from '../schedules/next-runs.ts'

export interface StatusDeps {
  readonly state: Database<StateTables>
  /** Holds for readers for whom no time zone is set. */
  readonly standard: { readonly timeZone: string }
  readonly clock: () => number
}

/** What is under way, what waits and what went wrong. All times are milliseconds since the epoch. */
export interface Status {
  readonly at: number
  /** Messages that no digest lists yet. */
  readonly messagesWaiting: number
  /** Messages of the last 30 days that no digest lists, because no mail can be sent to their recipient. */
  readonly messagesUnlisted: number
  readonly digests: Readonly<Record<DigestGroup, Group<DigestLine>>>
  readonly releases: Readonly<Record<ReleaseGroup, Group<ReleaseLine>>>
  readonly schedules: readonly ScheduleLine[]
  readonly lastRunByHand: RunLine | undefined
}

export interface ScheduleLine {
  readonly name: string
  readonly enabled: boolean
  readonly lastRun: RunLine | undefined
  /** ISO 8601; undefined when the schedule is off. */
  readonly nextRun: string | undefined
}

export interface RunLine {
  readonly dueAt: number
  readonly startedAt: number
  /** Null while the run is being made, or when it was interrupted. */
  readonly finishedAt: number | null
  /** The process that is making it now. */
  readonly owner: string | null
}

/**
 * Reads the status. All queries use indexes.
 *
 * @param limit how many lines each list has; undefined: all
 */
export async function readStatus(
  { state, standard, clock }: StatusDeps,
  limit: number | undefined,
): Promise<Status> {
  const now = clock()
  return {
    at: now,
    messagesWaiting: await countOf(state, waitingItems(state).select('digest_id')),
    messagesUnlisted: await countUnlisted(state),
    digests: await findForEach(DIGEST_GROUPS, group => digestsOf(state, group, now, limit)),
    releases: await findForEach(RELEASE_GROUPS, group => releasesOf(state, group, now, limit)),
    schedules: await scheduleLines(state, standard.timeZone, now),
    lastRunByHand: await lastRun(state, null, now),
  }
}

async function scheduleLines(
  state: Database<StateTables>,
  standardZone: string,
  now: number,
): Promise<ScheduleLine[]> {
  const schedules = await listSchedules(state)
  const next = await readNextRuns(state, standardZone, now)
  const lines: ScheduleLine[] = []
  for (const { name, enabled } of schedules) {
    lines.push({ name, enabled, lastRun: await lastRun(state, name, now), nextRun: next[name] })
  }
  return lines
}

async function lastRun(
  state: Database<StateTables>,
  schedule: string | null,
  now: number,
): Promise<RunLine | undefined> {
  const row = await state.sql
    .selectFrom('digest_run')
    .select(['due_at', 'started_at', 'finished_at', 'lease_owner', 'lease_until'])
    .where('schedule', schedule === null ? 'is' : '=', schedule)
    .orderBy('due_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  return {
    dueAt: Number(row.due_at),
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    owner: Number(row.lease_until) > now ? row.lease_owner : null,
  }
}
