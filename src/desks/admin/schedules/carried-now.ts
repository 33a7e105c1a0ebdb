import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { isReadersOwn } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import {
  isListable,
  type JudgedCandidate,
  judgedCandidates,
  pendingItems,
} from '../../../work/digest/make/candidates.ts'
import type { CompileDeps } from '../../../work/digest/make/compile.ts'
import { isLeftOut } from '../../../work/digest/make/left-out.ts'
import { pendingReaders } from '../../../work/digest/make/pending-readers.ts'
import { messagesToList, type Terms, type TermsDeps, termsOf } from '../../../work/digest/make/terms.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import type { Standards } from '../../../work/settings/standards.ts'

export interface CarriedDeps extends CompileDeps, TermsDeps {
  readonly standard: Standards
}

/** What one schedule would carry to one reader. */
export interface Carried {
  readonly schedule: Schedule
  readonly settings: ReaderSettings
  readonly messages: number
}

/**
 * Yields what the schedules that are on would carry now, reader by reader. It comes in batches, so that only one batch
 * is in memory. Readers whose digests are off are left out; readers who have paused them are included.
 */
export async function* carriedNow(
  deps: CarriedDeps,
  reach: Reach,
  schedules: readonly Schedule[],
  now: number,
): AsyncGenerator<readonly Carried[]> {
  const terms = new TermsCache(deps, now)
  for await (const batch of pendingReaders(deps.state)) {
    const readers = batch.filter(reader => reaches(reach, reader))
    const settings = await settingsOf(deps.state, readers, deps.standard)
    const items = await pendingItems(deps.state, readers)
    const listable = (await judgedCandidates(deps, items)).filter(
      candidate =>
        isListable(candidate, deps, now) && !isLeftOut(candidate, settings.get(candidate.item.reader)),
    )
    const waiting = Map.groupBy(listable, ({ item }) => item.reader)
    yield [...waiting].flatMap(([reader, mails]) => {
      const ownSettings = settings.get(reader)
      return ownSettings?.enabled ? carriedTo(ownSettings, mails, schedules, terms) : []
    })
  }
}

const carriedTo = (
  settings: ReaderSettings,
  listable: readonly JudgedCandidate[],
  schedules: readonly Schedule[],
  terms: TermsCache,
): Carried[] =>
  schedulesOf(settings, schedules)
    .filter(schedule => schedule.enabled)
    .map(schedule => ({ schedule, settings, messages: terms.countChosen(schedule, settings, listable) }))
    .filter(({ messages }) => messages > 0)

/** The terms of each schedule, worked out once for all of its readers. */
class TermsCache {
  readonly #deps: CarriedDeps
  readonly #now: number
  readonly #cached = new Map<string, Terms>()

  constructor(deps: CarriedDeps, now: number) {
    this.#deps = deps
    this.#now = now
  }

  /** How many of a reader's messages the schedule would list. */
  countChosen(
    schedule: Schedule,
    { timeZone }: ReaderSettings,
    listable: readonly JudgedCandidate[],
  ): number {
    return messagesToList(this.#termsIn(schedule, timeZone), listable, this.#deps.retention).length
  }

  #termsIn(schedule: Schedule, timeZone: string): Terms {
    const key = isReadersOwn(schedule) ? `${schedule.name} ${timeZone}` : schedule.name
    const cached = this.#cached.get(key)
    if (cached) return cached
    const terms = termsOf(this.#deps, schedule, { timeZones: [timeZone] }, this.#now)
    this.#cached.set(key, terms)
    return terms
  }
}
