import { pino } from 'pino'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import { collect } from '../../src/work/collect/collect.ts'
import { SILENT_METER } from '../../test/embedded/silent-meter.ts'
import { duration, wallOf } from '../measure.ts'
import type { Result } from '../table.ts'
import type { World } from '../world.ts'

/** Collecting for the first time, which goes back a day, and each minute after that, when nothing is new. */
export async function* measureCollecting(world: World): AsyncGenerator<Result> {
  await world.reset()
  let items = 0
  const [first = 0] = await wallOf(
    [
      async () => {
        items = await collectNow(world)
      },
    ],
    1,
  )
  const [again = 0] = await wallOf([() => collectNow(world)], 10)
  yield { what: `collect a day for the first time: ${items} items`, ours: duration(first) }
  yield {
    what: 'collect when nothing is new',
    ours: duration(again),
    ratio: first / again,
    otherwise: 'the whole day again',
  }
}

/** Collects the held mail that has not been collected yet. */
export const collectNow = (world: World): Promise<number> =>
  collect(
    {
      storage: world.storage.sql,
      state: world.state,
      directory: addresses(''),
      filter: { localOnly: true, excludedKinds: ['virus'] },
      overlap: 15 * MINUTE,
      initial: DAY,
      domain: 'example.com',
      meter: SILENT_METER,
      log: pino({ level: 'silent' }),
    },
    world.now,
  )
