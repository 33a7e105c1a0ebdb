import { setImmediate } from 'node:timers/promises'
import { DAY } from '../../ground/durations.ts'
import type { Times } from '../time/due-times.ts'
import { timesAfter } from '../time/next-times.ts'
import { bySameClocks } from '../time/same-clocks.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

/** An upcoming run. */
export interface RunAhead {
  readonly schedule: Schedule
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The zones by whose clocks it is due. */
  readonly timeZones: readonly string[]
}

/**
 * The runs of schedules in `from < at <= to`, in order of time, at most `most`. A schedule that follows each reader's
 * own zone has one run for all zones in which it is due at the same moment. A schedule that cannot be read has none.
 * The calculation is slow for an expression that is due every minute, or only on leap days, in all the world's zones,
 * so it lets other work go on in between.
 */
export async function runsAhead(
  schedules: readonly Schedule[],
  readersZones: readonly string[],
  span: { readonly from: number; readonly to: number; readonly most: number },
): Promise<RunAhead[]> {
  const clocks = await bySameClocks(readersZones, span.from - MARGIN, span.to + MARGIN)
  const walks: DueTimesWalk[] = []
  for (const schedule of schedules) {
    for (const zones of isReadersOwn(schedule) ? clocks : [[schedule.timeZone]]) {
      walks.push(new DueTimesWalk(schedule, zones, span.from))
      await setImmediate()
    }
  }
  const runs: RunAhead[] = []
  for (;;) {
    const at = Math.min(...walks.map(walk => walk.at))
    if (at > span.to) return runs
    const due = walks.filter(walk => walk.at === at)
    for (const [schedule, itsWalks] of Map.groupBy(due, walk => walk.schedule)) {
      if (runs.length >= span.most) return runs
      runs.push({ schedule, at, timeZones: itsWalks.flatMap(walk => walk.zones) })
    }
    for (const walk of due) walk.step()
    await setImmediate()
  }
}

/** More than the calculation of due times looks at before or after a moment. */
const MARGIN = 3 * DAY

/** Steps through the due times of a schedule in zones whose clocks agree. */
class DueTimesWalk {
  readonly schedule: Schedule
  readonly zones: readonly string[]
  /** Infinity when it is not due again. */
  at = 0
  readonly #times: Generator<number, void>

  constructor(schedule: Schedule, zones: readonly string[], from: number) {
    this.schedule = schedule
    this.zones = zones
    this.#times = timesAfter(timesIn(schedule, zones), from)
    this.step()
  }

  step(): void {
    this.at = takeNext(this.#times)
  }
}

const timesIn = ({ crons }: Schedule, [timeZone = 'UTC']: readonly string[]): Times => ({ crons, timeZone })

function takeNext(times: Generator<number, void>): number {
  try {
    return times.next().value ?? Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
