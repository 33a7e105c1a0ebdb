import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { waitingLots } from '../../collect/waiting-lots.ts'
import { settingsOf } from '../../settings/read-settings.ts'
import type { Standards } from '../../settings/standards.ts'
import { MOST_ITEMS } from './candidates.ts'
import { knownReaders } from './known-readers.ts'
import { type Terms, type TermsDeps, termsOf } from './terms.ts'

export interface BatchDeps extends TermsDeps {
  readonly state: Database<StateTables>
  readonly standard: Standards
  /** Reads the schedules as they are now. */
  readonly schedules: () => Promise<readonly Schedule[]>
  readonly clock: () => number
}

/** Whose digests a run makes. */
export interface Selection {
  /** Only the readers of this schedule; undefined means everybody. */
  readonly schedule: string | undefined
  /** Only these readers; undefined means everybody. */
  readonly readers: readonly string[] | undefined
  /** Only readers in these time zones, if the schedule follows each reader's own time zone. */
  readonly timeZones?: readonly string[] | undefined
  /** Readers who have paused get a digest too, because they or an admin asked for it. */
  readonly evenPaused?: boolean | undefined
}

/** What a run does, by the schedules as they are when it begins. */
export interface Plan {
  readonly selection: Selection
  readonly schedules: readonly Schedule[]
  readonly terms: Terms
  /** Whether readers are also told when nothing was held. */
  readonly tellsWhenEmpty: boolean
}

export async function readPlan(
  deps: BatchDeps,
  request: Selection & { readonly byClock?: boolean | undefined },
): Promise<Plan> {
  const schedules = await deps.schedules()
  const schedule = schedules.find(({ name }) => name === request.schedule)
  return {
    selection: request,
    schedules,
    terms: termsOf(deps, schedule, request, deps.clock()),
    // A run for some readers only is not the schedule's run.
    tellsWhenEmpty: schedule?.sendsEmpty === true && request.readers === undefined,
  }
}

/** Readers with the settings that apply to each. */
export type Readers = ReadonlyMap<string, ReaderSettings>

/** The run's readers who have pending items. */
export async function* waitingBatches(deps: BatchDeps, plan: Plan): AsyncGenerator<Readers> {
  for await (const lot of waitingLots(deps.state, LOT, plan.selection.readers))
    yield await selected(deps, plan, lot)
}

/**
 * What one transaction claims. A lot costs six statements in its transaction whatever is in it, so a small one costs
 * more for each digest; a large one takes more memory and locks its items for longer.
 */
const LOT = { readers: 1000, items: MOST_ITEMS }

/** All of the run's readers that we know of. */
export async function* knownBatches(deps: BatchDeps, plan: Plan): AsyncGenerator<Readers> {
  for await (const batch of knownReaders(deps.state)) yield await selected(deps, plan, batch)
}

async function selected(deps: BatchDeps, plan: Plan, readers: readonly string[]): Promise<Readers> {
  const settingsByReader = await settingsOf(deps.state, readers, deps.standard)
  const now = deps.clock()
  return new Map([...settingsByReader].filter(([, settings]) => isSelected(settings, plan, now)))
}

function isSelected(
  settings: ReaderSettings,
  { selection: { schedule, timeZones, evenPaused }, schedules }: Plan,
  now: number,
): boolean {
  if (!settings.enabled || (!evenPaused && (settings.pausedUntil ?? 0) > now)) return false
  if (timeZones && !timeZones.includes(settings.timeZone)) return false
  return schedule === undefined || schedulesOf(settings, schedules).some(({ name }) => name === schedule)
}
