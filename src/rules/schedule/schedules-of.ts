import type { ReaderSettings } from '../settings/reader-settings.ts'
import type { Schedule } from './schedule.ts'

/**
 * The schedules that a reader follows: those that the settings name, on or off. If the settings name none, or none of
 * them exists any more, it is the default schedule.
 */
export function schedulesOf(
  settings: Pick<ReaderSettings, 'schedules'>,
  schedules: readonly Schedule[],
): readonly Schedule[] {
  const named = schedules.filter(schedule => settings.schedules?.includes(schedule.name))
  return named.length > 0 ? named : schedules.filter(schedule => schedule.isDefault)
}
