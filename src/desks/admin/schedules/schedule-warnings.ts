import type { Kysely } from 'kysely'
import type { Retention } from '../../../ground/amavis/retention.ts'
import type { Database } from '../../../ground/database/database.ts'
import { durationText, MINUTE } from '../../../ground/durations.ts'
import { storedTimeZone, storedZoneWarning } from '../../../ground/i18n/time-zone-name.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { kindsOffered } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { leftOut } from '../../../rules/schedule/coverage.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { type Gaps, gapsOf } from '../../../rules/time/gaps.ts'
import { countUsers, listsNaming, scheduleUsers, usersText } from '../../../work/schedules/schedule-users.ts'
import { firstFew, incompleteLists, lossWarnings } from './coverage-warnings.ts'

export interface WarningDeps {
  readonly state: Pick<Database<StateTables>, 'sql'>
  /** No digest lists a kind whose policy is `never`, so no schedule has to carry it. */
  readonly policies: Policies
  readonly retention: Retention
  readonly clock: () => number
}

/** Warns of what an admin may not have meant, a sentence each. @param all schedules, as they are now */
export async function scheduleWarnings(
  { state: { sql }, policies, retention, clock }: WarningDeps,
  schedule: Schedule,
  all: readonly Schedule[],
): Promise<string[]> {
  return [
    ...timingWarnings(schedule, shortestListed(policies, retention), clock()),
    ...(schedule.enabled
      ? await filterWarnings(sql, policies, schedule, all)
      : [...(await offWarnings(sql, schedule)), ...(await lossWarnings(sql, policies, schedule.name, all))]),
  ]
}

/** How long the kind is kept that expires first, of those that digests list. */
const shortestListed = (policies: Policies, retention: Retention): number =>
  Math.min(retention.longest, ...kindsOffered(policies).map(kind => retention.of(kind)))

function timingWarnings({ crons, timeZone, enabled }: Schedule, retention: number, now: number): string[] {
  const gaps =
    timeZone === READERS_OWN || storedTimeZone(timeZone) !== undefined ? readGaps(crons, now) : undefined
  if (gaps === undefined) {
    return ['Its times cannot be read, so it never runs. Set a cron expression and a time zone.']
  }
  const zoneWarning = storedZoneWarning(timeZone)
  const warnings = zoneWarning === undefined ? [] : [zoneWarning]
  if (gaps.shortest < OFTEN) {
    warnings.push('It fires more often than every 5 minutes: that is many mails.')
  }
  if (enabled && gaps.longest > retention) {
    warnings.push(
      `It fires less often than mail expires (after ${durationText(retention)}, purge.olderThan): some mail is gone before it is listed, unless another schedule of the same readers lists it.`,
    )
  }
  return warnings
}

function readGaps(crons: readonly string[], now: number): Gaps | undefined {
  try {
    return gapsOf(crons, now)
  } catch {
    return undefined
  }
}

const OFTEN = 5 * MINUTE

async function offWarnings(sql: Kysely<StateTables>, { name, isDefault }: Schedule): Promise<string[]> {
  const users = await scheduleUsers(sql, name)
  const warnings: string[] = []
  if (isDefault)
    warnings.push('It is the default and off: readers without a schedule of their own get no digest.')
  if (countUsers(users) > 0) {
    warnings.push(
      `It is off, and used by ${usersText(users)}: it sends no digests. Held mail waits meanwhile.`,
    )
  }
  return warnings
}

/** A message that none of a reader's schedules carries is never listed. */
async function filterWarnings(
  sql: Kysely<StateTables>,
  policies: Policies,
  schedule: Schedule,
  all: readonly Schedule[],
): Promise<string[]> {
  if (schedule.filter === undefined) return []
  const warnings: string[] = []
  const kinds = leftOut([schedule.filter], policies)
  if (schedule.isDefault && kinds.length > 0) {
    warnings.push(
      `It is the default and carries only part of the mail: readers without schedules of their own never see the rest (kinds: ${kinds.join(', ')}).`,
    )
  }
  const incomplete = incompleteLists(await listsNaming(sql, schedule.name), all, policies)
  if (incomplete.length > 0) {
    warnings.push(
      `It carries only part of the mail, and settings that name it name no schedule for the rest: ${firstFew(incomplete)}. Their readers never see what is left out.`,
    )
  }
  return warnings
}
