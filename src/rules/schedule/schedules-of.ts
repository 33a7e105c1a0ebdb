import type { ReaderSettings } from '../settings/reader-settings.ts'
import type { Schedule } from './schedule.ts'

/**
 * Which schedules hold for a reader: those that the settings name, on or off; where none is named, or none of them is
 * there any more, the default one.
 */
export function schedulesOf(
  settings: Pick<ReaderSettings, 'schedules'>,
  schedules: readonly Schedule[],
): readonly Schedule[] {
  const named = schedules.filter(schedule => settings.schedules?.includes(schedule.name))
  return named.length > 0 ? named : schedules.filter(schedule => schedule.isDefault)
}
