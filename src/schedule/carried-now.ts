import { type Reach, reaches } from '../admins/reach.ts'
import { type Candidate, isListable, pendingItems, withMail } from '../digest/candidates.ts'
import type { CompileDeps } from '../digest/compile.ts'
import { pendingReaders } from '../digest/pending-readers.ts'
import { schedulesOf } from '../preferences/held-by.ts'
import { type ReaderSettings, type StandardSettings, settingsOf } from '../preferences/settings.ts'
import { carries } from './filter.ts'
import type { Schedule } from './schedules.ts'

export interface CarriedDeps extends CompileDeps {
  readonly standard: StandardSettings
}

/** What one schedule would carry to one reader. */
export interface Carried {
  readonly schedule: Schedule
  readonly settings: ReaderSettings
  readonly messages: number
}

/**
 * What the schedules that are on would carry now, reader by reader, in batches: no more than one batch is in memory.
 * Readers whose digests are off have nothing; those who paused them are here.
 */
export async function* carriedNow(
  deps: CarriedDeps,
  reach: Reach,
  schedules: readonly Schedule[],
  now: number,
): AsyncGenerator<readonly Carried[]> {
  for await (const batch of pendingReaders(deps.state)) {
    const readers = batch.filter(reader => reaches(reach, reader))
    const settings = await settingsOf(deps.state, readers, deps.standard)
    const items = await pendingItems(deps.state, readers)
    const waiting = Map.groupBy(await withMail(deps.storage, items), candidate => candidate.item.reader)
    yield [...settings].flatMap(([reader, of]) => {
      const listable = (waiting.get(reader) ?? []).filter(candidate => isListable(candidate, deps, now))
      return of.enabled ? carriedTo(of, listable, schedules) : []
    })
  }
}

const carriedTo = (
  settings: ReaderSettings,
  listable: readonly Candidate[],
  schedules: readonly Schedule[],
): Carried[] =>
  schedulesOf(settings, schedules)
    .filter(schedule => schedule.enabled)
    .map(schedule => ({
      schedule,
      settings,
      messages: listable.filter(({ mail }) => mail && carries(schedule.filter, mail)).length,
    }))
    .filter(({ schedule, messages }) => messages > 0 && messages >= schedule.minMessages)
