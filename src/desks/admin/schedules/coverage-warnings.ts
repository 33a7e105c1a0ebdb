import type { Kysely } from 'kysely'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReleasePolicies } from '../../../rules/policy/policy.ts'
import { neverListed } from '../../../rules/schedule/coverage.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { listsNaming } from '../../../work/schedules/schedule-users.ts'

/** What whoever gives somebody these schedules may not have meant. */
export function heldWarnings(held: readonly Schedule[], policies: ReleasePolicies): string[] {
  const kinds = neverListed(held, policies)
  if (kinds.length === 0) return []
  return [
    `What holds is ${namesOf(held)}, which leaves out a part of the mail (of ${kinds.join(', ')}): it is never listed. Name a schedule for the rest too.`,
  ]
}

/**
 * The same for each of many lists of schedules, such as those of a file; of the first ones, where there are many.
 *
 * @param all schedules, as they are now
 */
export function listWarnings(
  lists: Iterable<readonly string[]>,
  all: readonly Schedule[],
  policies: ReleasePolicies,
): string[] {
  const lacking = lackingOf(lists, all, policies)
  if (lacking.length === 0) return []
  return [
    `These schedules, where they are all that is named, leave out a part of the mail: ${fewOf(lacking)}. It is never listed; name a schedule for the rest too.`,
  ]
}

/**
 * What becomes of the mail of those whose settings name a schedule, when it is gone or off.
 *
 * @param all schedules, as they are then
 */
export async function lossWarnings(
  sql: Kysely<StateTables>,
  policies: ReleasePolicies,
  name: string,
  all: readonly Schedule[],
): Promise<string[]> {
  const lacking = lackingOf(await listsNaming(sql, name), all, policies)
  if (lacking.length === 0) return []
  return [
    `Settings that name it are left with ${fewOf(lacking)}: that leaves out a part of the mail, which their readers never see. Name another schedule for them too.`,
  ]
}

/** What is left of these lists, each once, where it does not carry everything. */
export function lackingOf(
  lists: Iterable<readonly string[]>,
  all: readonly Schedule[],
  policies: ReleasePolicies,
): string[] {
  const held = Array.from(lists, schedules => schedulesOf({ schedules }, all))
  return [...new Set(held.filter(one => neverListed(one, policies).length > 0).map(namesOf))]
}

/** As many as one reads. */
export const fewOf = (texts: readonly string[]): string =>
  `${texts.slice(0, 3).join('; ')}${texts.length > 3 ? '; …' : ''}`

const namesOf = (held: readonly Schedule[]): string =>
  held
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name)
    .join(' + ')
