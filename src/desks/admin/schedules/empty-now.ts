import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { planEmptyDigests } from '../../../work/digest/make/empty-digests.ts'
import { knownReaders } from '../../../work/digest/make/known-readers.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import type { Carried, CarriedDeps } from './carried-now.ts'

/** Whom schedules that are on would tell now that nothing was held: no message each. In batches, each reader once. */
export async function* emptyNow(
  deps: CarriedDeps,
  reach: Reach,
  schedules: readonly Schedule[],
  now: number,
): AsyncGenerator<readonly Carried[]> {
  const tells = (schedule: Schedule) => schedule.enabled && schedule.sendsEmpty
  if (!schedules.some(tells)) return
  const told = new Set<string>()
  for await (const batch of knownReaders(deps.state)) {
    const readers = batch.filter(reader => reaches(reach, reader) && !told.has(reader))
    for (const reader of readers) told.add(reader)
    const settings = [...(await settingsOf(deps.state, readers, deps.standard))].filter(
      ([, of]) => of.enabled && schedulesOf(of, schedules).some(tells),
    )
    const planned = await planEmptyDigests(deps, WHENEVER, new Map(settings), now)
    const idle = new Set(planned.map(({ reader }) => reader))
    yield settings
      .filter(([reader]) => idle.has(reader))
      .flatMap(([, of]) =>
        schedulesOf(of, schedules)
          .filter(tells)
          .map(schedule => ({ schedule, settings: of, messages: 0 })),
      )
  }
}

/** A run to come: whatever digest there is now, is older. */
const WHENEVER = Number.POSITIVE_INFINITY
