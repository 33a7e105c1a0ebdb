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

export interface Giving {
  /** The readers and domains that get the schedule, instead of those that are set for them. */
  readonly scopes: readonly string[]
  /**
   * The settings that somebody was shown because they name other schedules, which are lost: their versions by scope.
   * Undefined: other schedules are lost unseen.
   */
  readonly seen?: ReadonlyMap<string, number> | undefined
  /** The version of the schedule that was looked at; 0: none, it is to be a new one; undefined: whichever there is. */
  readonly expected?: number | undefined
}

export interface SetAndGiven extends ChangedSchedule {
  /** The settings of each scope, as they stand now. */
  readonly given: readonly SettingsSet[]
}

/** Some of those who get a schedule would lose others that nobody has looked at. */
export class SchedulesLost extends CodedError {
  /** Their settings as they stand. */
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
 * Makes or changes a schedule, and gives it to readers and domains instead of what was set for them. All of it is done,
 * or nothing. The schedule's time zone becomes theirs where nobody has set one for them: then their mails and pages name
 * the hour at which the digest comes.
 *
 * @throws CodedError SCHEDULE_INVALID, SETTING_INVALID, OUT_OF_REACH, EDIT_CONFLICT (of the schedule)
 * @throws SchedulesLost for those who have other schedules than somebody has seen
 */
export async function setAndGive(
  deps: WithScheduleDeps,
  by: Editor,
  name: string,
  change: ScheduleChange,
  { scopes: texts, seen, expected }: Giving,
): Promise<SetAndGiven> {
  requireAll(by.reach)
  const scopes = [...new Set(texts.map(settableScope))]
  return withSchedule(deps, scopes, async inside => {
    if (seen) await requireSeen(inside, name, scopes, seen)
    const changed = await setSchedule(inside, by, name, change, expected).catch(alreadySet)
    const given: SettingsSet[] = []
    for (const scope of scopes) given.push(await give(inside, by, changed.schedule, scope))
    return { ...changed, given }
  })
}

/** A form that is submitted twice finds its schedule set: what is left is to give it. */
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
  const held = await readScopes(state, scopes)
  const unseen = scopes.flatMap(scope => {
    const own = held.get(scope)
    const loses = own?.schedules?.some(one => one !== name) ?? false
    return own && loses && seen.get(scope) !== own.version ? [own] : []
  })
  if (unseen.length > 0) throw new SchedulesLost(unseen)
}

async function give(
  inside: WithScheduleDeps,
  by: Editor,
  { name, timeZone }: Schedule,
  scope: string,
): Promise<SettingsSet> {
  const timeZoneIfNone = timeZone === READERS_OWN ? undefined : timeZone
  // A schedule moves no destination: there is nobody to be told.
  const { settings, warnings } = await writeWish(inside, by, scope, { schedules: [name], timeZoneIfNone })
  return { settings, warnings }
}
