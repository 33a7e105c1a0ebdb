import { CodedError } from '../../../ground/errors.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import { READERS_OWN } from '../../../rules/schedule/schedule.ts'
import { layersOf } from '../../../rules/settings/scope.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { type SettingsDeps, type SettingsSet, setSettings } from './change-settings.ts'
import { findSettings } from './list-settings.ts'

/**
 * Gives a schedule to a reader, a domain or everybody, instead of what was set for them. Its time zone becomes theirs where
 * nobody has set one for them: then their mails and pages name the hour at which the digest comes.
 *
 * @param expected the version of their settings that was looked at; 0: nothing was set; undefined: whatever is set
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH, or EDIT_CONFLICT when somebody else set something meanwhile
 */
export async function giveSchedule(
  deps: SettingsDeps,
  by: Editor,
  name: string,
  scope: string,
  expected?: number,
): Promise<SettingsSet> {
  const schedule = (await listSchedules(deps.state)).find(one => one.name === name)
  const before = await findSettings(deps, by.reach, scope)
  const isSet = [...(await readScopes(deps.state, layersOf(scope))).values()].some(
    row => row.timeZone !== null,
  )
  const timeZone = isSet || schedule?.timeZone === READERS_OWN ? undefined : schedule?.timeZone
  try {
    return await setSettings(
      deps,
      by,
      scope,
      { schedules: [name], timeZone },
      expected ?? before?.version ?? 0,
    )
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new CodedError(error.code, `The schedule ${name} is set, but not for ${scope}: ${error.message}`)
  }
}
