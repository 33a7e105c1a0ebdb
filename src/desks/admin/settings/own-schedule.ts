import { CodedError } from '../../../ground/errors.ts'
import { type Editor, requireAll } from '../../../rules/reach/reach.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import { settableScope } from '../../../rules/settings/scope.ts'
import type { SettingsChange } from '../../../rules/settings/setting-faults.ts'
import { requireSettings } from '../../../rules/settings/setting-faults.ts'
import type { ScopeSettings } from '../../../rules/settings/setting-fields.ts'
import { countUsers, scheduleUsers, usersText } from '../../../work/schedules/schedule-users.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { type ScheduleDeps, setSchedule } from '../schedules/change-schedules.ts'
import { type SettingsDeps, type SettingsSet, setSettings } from './change-settings.ts'
import { findSettings } from './list-settings.ts'

export interface OwnScheduleChange {
  readonly crons: readonly string[]
  /** In which the expressions are meant; undefined: as it is, of a new schedule each reader's own. */
  readonly timeZone?: string | undefined
  /** What else shall hold for the scope. */
  readonly settings: SettingsChange
}

export interface OwnScheduleSet extends SettingsSet {
  readonly schedule: Schedule
  readonly created: boolean
}

/**
 * Gives a domain, a reader or everybody a schedule of their own, named after them: it is made or changed, then assigned.
 * Nothing is changed when any of it cannot be. Broken off in between, the schedule is there and nobody has it; asked for
 * again, it is assigned.
 *
 * @throws CodedError SCHEDULE_INVALID, SCHEDULE_IN_USE, SETTING_INVALID, EDIT_CONFLICT, OUT_OF_REACH
 */
export async function setOwnSchedule(
  deps: SettingsDeps & ScheduleDeps,
  by: Editor,
  scopeText: string,
  { crons, timeZone, settings }: OwnScheduleChange,
): Promise<OwnScheduleSet> {
  requireAll(by.reach)
  const scope = settableScope(scopeText)
  const name = ownScheduleName(scope)
  const before = await findSettings(deps, by.reach, scope)
  const schedules = await listSchedules(deps.state)
  requireSettings(deps, scope, settings, schedules)
  const known = schedules.find(schedule => schedule.name === name)
  if (known) await requireNobodyElse(deps, scope, known, before)
  const zone = timeZone ?? (known ? undefined : READERS_OWN)
  const made = await setSchedule(deps, by, name, { crons, timeZone: zone, enabled: true })
  const names = [name, ...(settings.schedules ?? [])]
  const set = await setSettings(deps, by, scope, { ...settings, schedules: names })
  const { schedule, created } = made
  return { ...set, schedule, created, warnings: [...made.warnings, ...set.warnings] }
}

/** `@example.com` → `example-com`. */
export function ownScheduleName(scope: string): string {
  const words = scope.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  return words.slice(0, LONGEST_NAME).replace(/-$/, '') || 'everybody'
}

const LONGEST_NAME = 64

/** Two scopes may be written so much alike that they give one name; and somebody may have made it for others. */
async function requireNobodyElse(
  { state }: SettingsDeps,
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
    `There is a schedule ${name}, and not for ${scope} alone: ${who}. Nothing was changed. Change it for all of them by "schedules set ${name}", or make one of another name and choose it with --schedule.`,
  )
}
