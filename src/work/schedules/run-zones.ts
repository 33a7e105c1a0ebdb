import { jsonList } from '../../ground/database/json-list.ts'

/** The time zones of a run as its row holds them: JSON, or null when the run is for everybody. */
export const zonesText = (timeZones: readonly string[] | undefined): string | null =>
  timeZones === undefined ? null : JSON.stringify(timeZones)

/** Reads what `zonesText` wrote. A text that cannot be read means everybody. */
export const zonesOfRun = (text: string | null): readonly string[] | undefined => jsonList(text)
