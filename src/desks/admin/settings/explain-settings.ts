import type { Database } from '../../../ground/database/database.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { nextDueInZone } from '../../../rules/schedule/next-of.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { effectiveSettings, pauseAt, type ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { EVERYBODY, isReader, layersOf, scopeOf } from '../../../rules/settings/scope.ts'
import {
  type LockField,
  NOT_PAUSED,
  type ScopeSettings,
  type SettingFields,
} from '../../../rules/settings/setting-fields.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { knownOf, type Standards, standardWith } from '../../../work/settings/standards.ts'
import { coverageWarnings } from '../schedules/coverage-warnings.ts'
import { requireScope } from './change-settings.ts'
import { whyNone } from './why-none.ts'

/** A value that holds, and which scope sets it. */
export interface Explained<Value> {
  readonly value: Value
  readonly from: Source
  /** `alice@example.com`, `@example.com` or `@`; undefined: no scope sets it, so another source's value holds. */
  readonly scope: string | undefined
}

/** Whose settings a value comes from, or `directory` or `default` where nobody has set it. */
export type Source = 'reader' | 'domain' | 'everybody' | 'directory' | 'default'

/** A schedule that holds. */
export interface HeldSchedule {
  readonly name: string
  readonly enabled: boolean
  /** Milliseconds since the epoch; undefined when the schedule is off or never due. */
  readonly next: number | undefined
}

/** What holds for a reader, for a domain's readers or for everybody without settings of their own, and why. */
export interface ReaderExplanation {
  readonly scope: string
  /** What is set for this scope itself. */
  readonly own: ScopeSettings | undefined
  /** The names that are set; undefined: the default schedule. */
  readonly schedules: Explained<readonly string[] | undefined>
  readonly language: Explained<string>
  readonly timeZone: Explained<string>
  /** Undefined: the reader's own mailbox. */
  readonly deliverTo: Explained<string | undefined>
  /** `NOT_PAUSED` when somebody has set that. A pause that has ended is left out. */
  readonly pausedUntil: Explained<number | undefined>
  readonly enabled: Explained<boolean>
  readonly locked: Explained<readonly LockField[]>
  /** Empty if there is none. */
  readonly phrase: Explained<string>
  /** Who gets copies. */
  readonly copyTo: Explained<readonly string[]>
  readonly leaveOutBlocked: Explained<boolean>
  /** The schedules that hold: those that are set, or else the default one. */
  readonly held: readonly HeldSchedule[]
  /** Names of schedules that are set but no longer exist. */
  readonly missing: readonly string[]
  /** What an admin may not have meant, a sentence each. */
  readonly warnings: readonly string[]
  /** A sentence; see `whyNone`. */
  readonly whyNone: string | undefined
  readonly isPaused: boolean
  /** When the next digest can come, in milliseconds since the epoch; undefined: never, with these settings. */
  readonly next: number | undefined
}

export interface ExplainDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly standard: Standards
  /** No digest lists a kind whose policy is `never`, so no schedule has to carry it. */
  readonly policies: Policies
  readonly clock: () => number
}

/**
 * Explains which settings hold for a reader, and where each comes from. It also works for readers of whom nothing is
 * known.
 *
 * @param scopeText a reader, a domain, or `@` for everybody
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH
 */
export async function explainSettings(
  deps: ExplainDeps,
  reach: Reach,
  scopeText: string,
): Promise<ReaderExplanation> {
  const scope = scopeOf(scopeText)
  requireScope(reach, scope)
  const layers = layersOf(scope)
  const rows = await readScopes(deps.state, layers)
  const schedules = await listSchedules(deps.state)
  const known = await knownOf(deps.standard, scope)
  const settings = effectiveSettings(layers, rows, standardWith(deps.standard, known))
  const none = await whyNone(deps.directory, reach, scope)
  const now = deps.clock()
  const source = <Value>(
    field: keyof SettingFields,
    value: Value,
    inDirectory?: unknown,
  ): Explained<Value> => {
    const scope = layers.find(layer => (rows.get(layer)?.[field] ?? null) !== null)
    const isKnown = scope === undefined && inDirectory !== undefined
    return { value, from: isKnown ? 'directory' : fromOf(scope), scope }
  }
  const pause = pauseAt(layers, rows, now)
  const held = schedulesOf(settings, schedules)
  return {
    scope,
    own: rows.get(scope),
    schedules: source('schedules', settings.schedules),
    language: source('language', settings.language, known?.language),
    timeZone: source('timeZone', settings.timeZone, known?.timeZone),
    deliverTo: source('deliverTo', settings.deliverTo),
    pausedUntil: { value: pause?.until, from: fromOf(pause?.scope), scope: pause?.scope },
    enabled: source('enabled', settings.enabled),
    locked: source('locked', settings.locked),
    phrase: source('phrase', settings.phrase),
    copyTo: source('copyTo', settings.copyTo),
    leaveOutBlocked: source('leaveOutBlocked', settings.leaveOutBlocked),
    held: held.map(schedule => heldSchedule(schedule, settings, now)),
    missing: (settings.schedules ?? []).filter(name => !schedules.some(schedule => schedule.name === name)),
    warnings: coverageWarnings(held, deps.policies),
    whyNone: none,
    isPaused: (pause?.until ?? NOT_PAUSED) > now,
    next: settings.enabled && none === undefined ? nextDigest(held, settings, now) : undefined,
  }
}

function fromOf(scope: string | undefined): Exclude<Source, 'directory'> {
  if (scope === undefined) return 'default'
  if (scope === EVERYBODY) return 'everybody'
  return isReader(scope) ? 'reader' : 'domain'
}

const heldSchedule = (schedule: Schedule, settings: ReaderSettings, now: number): HeldSchedule => ({
  name: schedule.name,
  enabled: schedule.enabled,
  next: nextOf(schedule, settings, now),
})

/** The earliest run, after the pause if there is one. */
function nextDigest(held: readonly Schedule[], settings: ReaderSettings, now: number): number | undefined {
  const from = Math.max(now, settings.pausedUntil ?? now)
  const times = held.flatMap(schedule => nextOf(schedule, settings, from) ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

/** `nextDueInZone` allows for times that cannot be read, because somebody edited the table by hand. */
function nextOf(schedule: Schedule, { timeZone }: ReaderSettings, from: number): number | undefined {
  return schedule.enabled && from < LAST ? nextDueInZone(schedule, timeZone, from) : undefined
}

/** The year 9900: times after it are of no interest, and a pause `forever` ends later. */
const LAST = Date.UTC(9900, 0, 1)
