import { CodedError } from '../../../ground/errors.ts'
import { type Editor, requireAll } from '../../../rules/reach/reach.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import type { ScheduleChange } from '../../../rules/schedule/schedule-change.ts'
import { settableScope } from '../../../rules/settings/scope.ts'
import type { ScopeSettings } from '../../../rules/settings/setting-fields.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { type ChangedSchedule, setSchedule } from '../schedules/change-schedules.ts'
import { ScheduleConflict } from '../schedules/schedule-version.ts'
import { type SettingsSet, writeWish } from './change-settings.ts'
import { type WithScheduleDeps, withSchedule } from './with-schedule.ts'

export interface ScheduleAssignment {
  /** The readers and domains that get the schedule, instead of the schedules that are set for them. */
  readonly scopes: readonly string[]
  /**
   * The settings whose other schedules are lost, and which the admin has therefore been shown: their versions by scope.
   * Undefined: other schedules are lost without asking.
   */
  readonly seen?: ReadonlyMap<string, number> | undefined
  /** The version of the schedule that the admin saw; 0: the schedule must be new; undefined: any. */
  readonly expected?: number | undefined
}

export interface SetAndGiven extends ChangedSchedule {
  /** The settings of each scope after the change. */
  readonly given: readonly SettingsSet[]
}

/** Some of those who get the schedule would lose other schedules that the admin has not been shown. */
export class SchedulesLost extends CodedError {
  /** All settings that name other schedules, whether the admin has been shown them or not. */
  readonly losers: readonly ScopeSettings[]

  constructor(losers: readonly ScopeSettings[]) {
    const list = losers.map(({ scope, schedules }) => `${scope} (${schedules?.join(', ')})`).join(', ')
    super(
      'EDIT_CONFLICT',
      `These have other schedules now: ${list}. Nothing was changed: look at them first.`,
    )
    this.losers = losers
  }
}

/**
 * Makes or changes a schedule, and gives it to readers and domains instead of what was set for them. Either all of this
 * is done or nothing. Where no time zone is set for them, they get the schedule's, so that their mails and pages show
 * the hour at which the digest comes.
 *
 * @throws CodedError SCHEDULE_INVALID, SETTING_INVALID, OUT_OF_REACH, EDIT_CONFLICT (of the schedule)
 * @throws SchedulesLost when some have other schedules that the admin has not been shown
 */
export async function setAndGive(
  deps: WithScheduleDeps,
  by: Editor,
  name: string,
  change: ScheduleChange,
  { scopes: texts, seen, expected }: ScheduleAssignment,
): Promise<SetAndGiven> {
  requireAll(by.reach)
  const scopes = [...new Set(texts.map(settableScope))]
  return withSchedule(deps, scopes, async inside => {
    if (seen) await requireSeen(inside, name, scopes, seen)
    const changed = await setSchedule(inside, by, name, change, { expected }).catch(alreadySet)
    const given: SettingsSet[] = []
    for (const scope of scopes) given.push(await give(inside, by, changed.schedule, scope))
    return { ...changed, given }
  })
}

/** When a form is submitted twice, the second finds the schedule set, and only has to give it. */
function alreadySet(error: unknown): ChangedSchedule {
  if (!(error instanceof ScheduleConflict) || !error.done) throw error
  return { schedule: error.done, created: false, warnings: [] }
}

async function requireSeen(
  { state }: WithScheduleDeps,
  name: string,
  scopes: readonly string[],
  seen: ReadonlyMap<string, number>,
): Promise<void> {
  const current = await readScopes(state, scopes)
  const losers = scopes.flatMap(scope => {
    const own = current.get(scope)
    const loses = own?.schedules?.some(other => other !== name) ?? false
    return own && loses ? [own] : []
  })
  // All of them are named, also those that were seen: the admin confirms the whole list at once.
  if (losers.some(({ scope, version }) => seen.get(scope) !== version)) throw new SchedulesLost(losers)
}

async function give(
  inside: WithScheduleDeps,
  by: Editor,
  { name, timeZone }: Schedule,
  scope: string,
): Promise<SettingsSet> {
  const timeZoneIfNone = timeZone === READERS_OWN ? undefined : timeZone
  // A schedule does not change where digests go, so there is nobody to tell.
  const { settings, warnings } = await writeWish(inside, by, scope, { schedules: [name], timeZoneIfNone })
  return { settings, warnings }
}
