import { CodedError } from '../../../ground/errors.ts'
import { type Editor, requireAll } from '../../../rules/reach/reach.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { layersOf, settableScope } from '../../../rules/settings/scope.ts'
import { requireSettings } from '../../../rules/settings/setting-faults.ts'
import type { ScopeSettings } from '../../../rules/settings/setting-fields.ts'
import { changeOfWish, type SettingsWish } from '../../../rules/settings/settings-wish.ts'
import { countUsers, scheduleUsers, usersText } from '../../../work/schedules/schedule-users.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { reportMovedDestinations } from '../../../work/settings/moved-destinations.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { standardFor } from '../../../work/settings/standards.ts'
import { setSchedule } from '../schedules/change-schedules.ts'
import { noneWarning, type SettingsSet, writeWish } from './change-settings.ts'
import { type WithScheduleDeps, withSchedule } from './with-schedule.ts'

export interface OwnScheduleChange {
  readonly crons: readonly string[]
  /** The time zone of the expressions; undefined: unchanged, or each reader's own for a new schedule. */
  readonly timeZone?: string | undefined
  /** Other changes of the scope's settings. */
  readonly settings: SettingsWish
}

export interface OwnScheduleSet extends SettingsSet {
  readonly schedule: Schedule
  readonly created: boolean
}

/**
 * Gives a domain, a reader or everybody a schedule of their own, named after them. The schedule is made or changed,
 * then assigned, in one transaction. Afterwards, those whose digests go elsewhere are told.
 *
 * @throws CodedError SCHEDULE_INVALID, SCHEDULE_IN_USE, SETTING_INVALID, EDIT_CONFLICT, OUT_OF_REACH
 */
export async function setOwnSchedule(
  deps: WithScheduleDeps,
  by: Editor,
  scopeText: string,
  change: OwnScheduleChange,
): Promise<OwnScheduleSet> {
  requireAll(by.reach)
  const scope = settableScope(scopeText)
  // Asked for before the transaction: see `Standards`.
  const standard = await standardFor(deps.standard, scope)
  const { schedule, created, set } = await withSchedule({ ...deps, standard }, [scope], inside =>
    makeAndAssign(inside, by, scope, change),
  )
  const untold = await reportMovedDestinations(deps, by.actor, [set.destination])
  const none = await noneWarning(deps, by, set.settings)
  return { schedule, created, settings: set.settings, warnings: [...set.warnings, ...untold, ...none] }
}

async function makeAndAssign(
  inside: WithScheduleDeps,
  by: Editor,
  scope: string,
  { crons, timeZone, settings }: OwnScheduleChange,
) {
  const name = ownScheduleName(scope)
  const schedules = await listSchedules(inside.state)
  const rows = await readScopes(inside.state, layersOf(scope))
  // Checked first, so that a fault that both share, such as an unknown time zone, is reported as one of the settings.
  const change = changeOfWish(settings, { scope, rows, standard: inside.standard })
  requireSettings(inside, scope, change, schedules)
  const existing = schedules.find(schedule => schedule.name === name)
  if (existing) await requireNoOtherUsers(inside, scope, existing, rows.get(scope))
  const zone = timeZone ?? (existing ? undefined : READERS_OWN)
  const made = await setSchedule(inside, by, name, { crons, timeZone: zone, enabled: true })
  const names = [name, ...(settings.schedules ?? [])]
  const set = await writeWish(inside, by, scope, { ...settings, schedules: names })
  return { ...made, set: { ...set, warnings: [...made.warnings, ...set.warnings] } }
}

/** `@example.com` → `example-com`. */
export function ownScheduleName(scope: string): string {
  const words = scope.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  return words.slice(0, MAX_NAME_LENGTH).replace(/-$/, '') || 'everybody'
}

const MAX_NAME_LENGTH = 64

/** Different scopes can give the same name, and somebody may have made a schedule of this name for other scopes. */
async function requireNoOtherUsers(
  { state }: WithScheduleDeps,
  scope: string,
  { name, isDefault }: Schedule,
  row: ScopeSettings | undefined,
): Promise<void> {
  const users = await scheduleUsers(state.sql, name)
  const own = Number(row?.schedules?.includes(name) ?? false)
  if (!isDefault && countUsers(users) <= own) return
  const who = isDefault ? 'it is the default one' : `it is used by ${usersText(users)}`
  throw new CodedError(
    'SCHEDULE_IN_USE',
    `The schedule ${name} exists, and not only for ${scope}: ${who}. Nothing was changed. Change it for all of them with "schedules set ${name}", or make a schedule of another name and choose it with --schedule.`,
  )
}
