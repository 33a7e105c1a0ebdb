import type { Kysely } from 'kysely'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { neverListed } from '../../../rules/schedule/coverage.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { listsNaming } from '../../../work/schedules/schedule-users.ts'

/** Warns that these schedules, which hold for a reader or a domain, leave out part of the mail. */
export function coverageWarnings(schedules: readonly Schedule[], policies: Policies): string[] {
  const kinds = neverListed(schedules, policies)
  if (kinds.length === 0) return []
  return [
    `The schedules that hold (${namesOf(schedules)}) leave out part of the mail (kinds: ${kinds.join(', ')}), which is never listed. Name a schedule for the rest too.`,
  ]
}

/**
 * Gives the same warning for many lists of schedules, such as those of a file. It names the first few lists only.
 *
 * @param all schedules, as they are now
 */
export function listWarnings(
  lists: Iterable<readonly string[]>,
  all: readonly Schedule[],
  policies: Policies,
): string[] {
  const incomplete = incompleteLists(lists, all, policies)
  if (incomplete.length === 0) return []
  return [
    `Where only these schedules are named, they leave out part of the mail, which is never listed: ${firstFew(incomplete)}. Name a schedule for the rest too.`,
  ]
}

/**
 * Warns of mail that is never listed once a schedule is removed or off: mail of readers whose settings name it.
 *
 * @param all schedules, as they are afterwards
 */
export async function lossWarnings(
  sql: Kysely<StateTables>,
  policies: Policies,
  name: string,
  all: readonly Schedule[],
): Promise<string[]> {
  const incomplete = incompleteLists(await listsNaming(sql, name), all, policies)
  if (incomplete.length === 0) return []
  return [
    `Settings that name it are left with ${firstFew(incomplete)}, which leaves out part of the mail: their readers never see it. Name another schedule for them too.`,
  ]
}

/** The lists that do not carry all mail, as names of the schedules that are on, each once. */
export function incompleteLists(
  lists: Iterable<readonly string[]>,
  all: readonly Schedule[],
  policies: Policies,
): string[] {
  const inEffect = Array.from(lists, schedules => schedulesOf({ schedules }, all))
  const lackingMail = inEffect.filter(schedules => neverListed(schedules, policies).length > 0)
  return [...new Set(lackingMail.map(namesOf))]
}

/** As many as an admin is likely to read. */
export const firstFew = (texts: readonly string[]): string =>
  `${texts.slice(0, 3).join('; ')}${texts.length > 3 ? '; …' : ''}`

const namesOf = (schedules: readonly Schedule[]): string =>
  schedules
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name)
    .join(' + ')
