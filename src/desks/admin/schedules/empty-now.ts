import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { planEmptyDigests } from '../../../work/digest/make/empty-digests.ts'
import { knownReaders } from '../../../work/digest/make/known-readers.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import type { Carried, CarriedDeps } from './carried-now.ts'

/**
 * Yields the readers whom the schedules that are on would tell now that nothing was held. It comes in batches, and each
 * reader comes once per schedule.
 */
export async function* emptyNow(
  deps: CarriedDeps,
  reach: Reach,
  schedules: readonly Schedule[],
  now: number,
): AsyncGenerator<readonly Carried[]> {
  const sendsEmptyNow = (schedule: Schedule) => schedule.enabled && schedule.sendsEmpty
  if (!schedules.some(sendsEmptyNow)) return
  const seen = new Set<string>()
  for await (const batch of knownReaders(deps.state)) {
    const readers = batch.filter(reader => reaches(reach, reader) && !seen.has(reader))
    for (const reader of readers) seen.add(reader)
    const settings = [...(await settingsOf(deps.state, readers, deps.standard))].filter(
      ([, own]) => own.enabled && schedulesOf(own, schedules).some(sendsEmptyNow),
    )
    const planned = await planEmptyDigests(deps, FUTURE_RUN, new Map(settings), now)
    const idle = new Set(planned.map(({ reader }) => reader))
    yield settings
      .filter(([reader]) => idle.has(reader))
      .flatMap(([, own]) =>
        schedulesOf(own, schedules)
          .filter(sendsEmptyNow)
          .map(schedule => ({ schedule, settings: own, messages: 0 })),
      )
  }
}

/** The run is still to come, so every existing digest is older than it. */
const FUTURE_RUN = Number.POSITIVE_INFINITY
