import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { type DigestGroup, type DigestLine, digestsOf } from '../../../work/stuck/digest-lines.ts'
import type { Group } from '../../../work/stuck/group.ts'
import { type ReleaseGroup, type ReleaseLine, releasesOf } from '../../../work/stuck/release-lines.ts'
import { readNextRuns } from '../schedules/next-runs.ts'

export interface StatusDeps {
  readonly state: Database<StateTables>
  /** Of the readers for whom nobody has set one. */
  readonly standard: { readonly timeZone: string }
  readonly clock: () => number
}

/** What is under way, what waits and what went wrong. All times are milliseconds since the epoch. */
export interface Status {
  readonly at: number
  /** Messages that no digest lists yet. */
  readonly messagesWaiting: number
  readonly digests: Readonly<Record<DigestGroup, Group<DigestLine>>>
  readonly releases: Readonly<Record<ReleaseGroup, Group<ReleaseLine>>>
  readonly schedules: readonly ScheduleLine[]
  readonly lastRunByHand: RunLine | undefined
}

export interface ScheduleLine {
  readonly name: string
  readonly enabled: boolean
  readonly lastRun: RunLine | undefined
  /** ISO 8601; undefined when it is off. */
  readonly nextRun: string | undefined
}

export interface RunLine {
  readonly dueAt: number
  readonly startedAt: number
  /** Null while it is made, or when it broke off. */
  readonly finishedAt: number | null
  /** The process that makes it now. */
  readonly owner: string | null
}

/**
 * Reads along indexes what an admin wants to know.
 * @param limit of each list; undefined: all there is
 */
export async function readStatus(
  { state, standard, clock }: StatusDeps,
  limit: number | undefined,
): Promise<Status> {
  const now = clock()
  return {
    at: now,
    messagesWaiting: await messagesWaiting(state),
    digests: {
      sending: await digestsOf(state, 'sending', now, limit),
      due: await digestsOf(state, 'due', now, limit),
      spread: await digestsOf(state, 'spread', now, limit),
      putOff: await digestsOf(state, 'putOff', now, limit),
      failed: await digestsOf(state, 'failed', now, limit),
    },
    releases: {
      asking: await releasesOf(state, 'asking', now, limit),
      queued: await releasesOf(state, 'queued', now, limit),
      uncertain: await releasesOf(state, 'uncertain', now, limit),
      failed: await releasesOf(state, 'failed', now, limit),
    },
    schedules: await scheduleLines(state, standard.timeZone, now),
    lastRunByHand: await lastRun(state, null, now),
  }
}

async function messagesWaiting(state: Database<StateTables>): Promise<number> {
  const row = await state.sql
    .selectFrom('digest_item')
    .select(({ fn }) => fn.countAll().as('number'))
    .where('digest_id', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.number)
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
