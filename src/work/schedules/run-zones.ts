import { jsonList } from '../../ground/database/json-list.ts'

/** The zones of a run as its row holds them: as JSON; null where it is for everybody. */
export const zonesText = (timeZones: readonly string[] | undefined): string | null =>
  timeZones === undefined ? null : JSON.stringify(timeZones)

/** What `zonesText` wrote. What cannot be read counts as everybody's. */
export const zonesOfRun = (text: string | null): readonly string[] | undefined => jsonList(text)
