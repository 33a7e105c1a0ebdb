import { setImmediate } from 'node:timers/promises'
import { DAY } from '../../ground/durations.ts'
import type { Times } from '../time/due-times.ts'
import { timesAfter } from '../time/next-times.ts'
import { bySameClocks } from '../time/same-clocks.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

/** A run to come. */
export interface RunAhead {
  readonly schedule: Schedule
  /** Milliseconds since the epoch. */
  readonly at: number
  /** In whose clocks it is due. */
  readonly timeZones: readonly string[]
}

/**
 * The runs of schedules in `from < at <= to`, in their order, at most `most`. A schedule that goes by each reader's own
 * zone has one for all zones that are due at the same moment. One that cannot be read has none. Counting is slow: an
 * expression for every minute, or for leap days, in all the world's zones holds up nobody else.
 */
export async function runsAhead(
  schedules: readonly Schedule[],
  readersZones: readonly string[],
  span: { readonly from: number; readonly to: number; readonly most: number },
): Promise<RunAhead[]> {
  const clocks = bySameClocks(readersZones, span.from - MARGIN, span.to + MARGIN)
  const walks: Walk[] = []
  for (const schedule of schedules) {
    for (const zones of isReadersOwn(schedule) ? clocks : [[schedule.timeZone]]) {
      walks.push(new Walk(schedule, zones, span.from))
      await setImmediate()
    }
  }
  const runs: RunAhead[] = []
  for (;;) {
    const at = Math.min(...walks.map(one => one.at))
    if (at > span.to) return runs
    const due = walks.filter(one => one.at === at)
    for (const [schedule, same] of Map.groupBy(due, one => one.schedule)) {
      if (runs.length >= span.most) return runs
      runs.push({ schedule, at, timeZones: same.flatMap(one => one.zones) })
    }
    for (const one of due) one.step()
    await setImmediate()
  }
}

/** Beyond what is looked at to find out when a local time is shown. */
const MARGIN = 3 * DAY

/** A schedule in zones with the same clocks, from one time to the next. */
class Walk {
  readonly schedule: Schedule
  readonly zones: readonly string[]
  /** Infinity: it is due no more. */
  at = 0
  readonly #times: Generator<number, void>

  constructor(schedule: Schedule, zones: readonly string[], from: number) {
    this.schedule = schedule
    this.zones = zones
    this.#times = timesAfter(timesIn(schedule, zones), from)
    this.step()
  }

  step(): void {
    this.at = nextOf(this.#times)
  }
}

const timesIn = ({ crons }: Schedule, [timeZone = 'UTC']: readonly string[]): Times => ({ crons, timeZone })

function nextOf(times: Generator<number, void>): number {
  try {
    return times.next().value ?? Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
