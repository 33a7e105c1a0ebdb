import { DAY, HOUR, MINUTE } from '../../../ground/durations.ts'
import { isReadersOwn } from '../../../rules/schedule/schedule.ts'
import { calculateLastDue } from '../../../rules/time/last-due.ts'
import { type DueRuns, dueRuns } from '../../../work/schedules/due-runs.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { stateFigures } from '../../../work/stuck/state-figures.ts'
import { readStatus, type Status, type StatusDeps } from './status.ts'

/** Whether an admin has to look after the program. */
export interface Check {
  readonly level: CheckLevel
  /** What an admin has to look at: a clause each, the worst first. */
  readonly reasons: readonly string[]
  readonly figures: CheckFigures
}

export type CheckLevel = 'ok' | 'warning' | 'critical'

export interface CheckFigures {
  readonly messagesWaiting: number
  readonly digestsWaiting: number
  /** Milliseconds; 0 when none waits. */
  readonly oldestDigest: number
  /** In the last hour. */
  readonly digestsFailed: number
  readonly releasesQueued: number
  /** In the last day. */
  readonly releasesUncertain: number
  /** In the last hour. */
  readonly releasesFailed: number
}

/**
 * Judges our tables as the alerts of Prometheus do, for monitors that ask by a command.
 *
 * @param grace how long after its time a missed run is still made up, in milliseconds
 */
export async function checkWork(deps: StatusDeps, grace: number): Promise<Check> {
  const status = await readStatus(deps, LOOKED_AT)
  const { oldestPendingAt } = await stateFigures(deps.state)
  const figures = figuresOf(status, oldestPendingAt)
  const critical = runReasons(await findRuns(deps, grace), status.at)
  const warnings = workReasons(status, figures)
  const level = critical.length > 0 ? 'critical' : warnings.length > 0 ? 'warning' : 'ok'
  return { level, reasons: [...critical, ...warnings], figures }
}

/** How many lines of each group are looked at. Those that failed last come first. */
const LOOKED_AT = 500

function figuresOf(
  { at, messagesWaiting, digests, releases }: Status,
  oldest: number | undefined,
): CheckFigures {
  const since = (lines: readonly { readonly finishedAt: number | null }[], span: number) =>
    lines.filter(({ finishedAt }) => finishedAt !== null && finishedAt > at - span).length
  return {
    messagesWaiting,
    digestsWaiting: digests.sending.count + digests.due.count + digests.putOff.count,
    oldestDigest: oldest === undefined ? 0 : Math.max(0, at - oldest),
    digestsFailed: since(digests.failed.lines, HOUR),
    releasesQueued: releases.queued.count,
    releasesUncertain: since(releases.uncertain.lines, DAY),
    releasesFailed: since(releases.failed.lines, HOUR),
  }
}

async function findRuns({ state, standard, clock }: StatusDeps, grace: number): Promise<DueRuns> {
  const schedules = await listSchedules(state)
  const followsReaders = schedules.some(schedule => schedule.enabled && isReadersOwn(schedule))
  const { zones } = followsReaders ? await zonesInUse(state, standard.timeZone) : { zones: [] }
  return dueRuns(state, calculateLastDue, { schedules, zones, now: clock(), grace })
}

function runReasons({ due, lapsed, unreadable }: DueRuns, now: number): string[] {
  const late = [...due, ...lapsed].filter(({ dueAt }) => now - dueAt > LATE)
  return [
    ...late.map(
      ({ schedule, dueAt }) => `run of ${schedule} due at ${new Date(dueAt).toISOString()} not made`,
    ),
    ...unreadable.map(({ schedule }) => `schedule ${schedule.name} cannot be read`),
  ]
}

/** A running service makes a run within seconds. */
const LATE = 15 * MINUTE

function workReasons({ at, releases }: Status, figures: CheckFigures): string[] {
  const isOld = releases.queued.lines.some(({ requestedAt }) => requestedAt < at - HOUR)
  return [
    ...(figures.oldestDigest > HOUR ? ['a digest has waited for more than an hour'] : []),
    ...counted(figures.digestsFailed, 'digests that failed in the last hour'),
    ...(isOld ? ['a release has waited for more than an hour'] : []),
    ...counted(figures.releasesFailed, 'releases that failed in the last hour'),
    ...counted(figures.releasesUncertain, 'releases of the last day that may have delivered a copy'),
  ]
}

const counted = (count: number, words: string): string[] => (count > 0 ? [`${words}: ${count}`] : [])
