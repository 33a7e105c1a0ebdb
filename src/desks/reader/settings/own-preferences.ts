import type { Locales } from '../../../ground/i18n/locales.ts'
import type { Filter } from '../../../rules/schedule/filter.ts'
import { type Rhythm, rhythmOf } from '../../../rules/schedule/rhythm.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import {
  copiesBeside,
  effectiveSettings,
  type ReaderSettings,
} from '../../../rules/settings/reader-settings.ts'
import { layersOf } from '../../../rules/settings/scope.ts'
import { FOREVER, type LockField } from '../../../rules/settings/setting-fields.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { type Standards, standardFor } from '../../../work/settings/standards.ts'
import { type Waiting, type WaitingDeps, waitingFor } from './waiting.ts'

export interface OwnPreferencesDeps extends WaitingDeps {
  readonly standard: Standards
  readonly locales: Locales
}

/** The settings as their reader sees them, with the choices on offer. */
export interface Preferences {
  readonly reader: string
  readonly language: string
  /** Whether somebody has set it for the reader, the domain or everybody. Otherwise the directory decides, or the configuration. */
  readonly isLanguageSet: boolean
  readonly timeZone: string
  readonly paused: boolean
  /** Undefined when not paused, or paused until somebody ends it. */
  readonly pausedUntil: number | undefined
  /** An admin has turned the digests off. */
  readonly isOff: boolean
  /** When the next digest may come, in milliseconds since the epoch. Undefined when none is planned. */
  readonly nextAt: number | undefined
  readonly waiting: Waiting
  /** By names of schedules. An admin may have set several: their names are separated by spaces. */
  readonly schedule: Choice<OfferedSchedule> & {
    /** Empty when all of them are off. */
    readonly standard: readonly OfferedSchedule[]
    /** Set for this reader, but no longer offered, or never. Empty when they are off. */
    readonly kept: readonly OfferedSchedule[] | undefined
  }
  /** By BCP 47 tags. */
  readonly languages: Choice<string> & { readonly standard: string }
  readonly timeZones: Omit<Choice<string>, 'offered'> & { readonly standard: string }
  /** Where the digests go. */
  readonly destination: string
  /** The reader's own mailbox, if they go elsewhere. */
  readonly backTo: string | undefined
  /** Who gets copies of them. */
  readonly copies: readonly string[]
  /** The words by which the reader knows a digest. Empty if there are none. */
  readonly phrase: { readonly chosen: string; readonly held: string }
  /** Whether digests leave out mail of senders on a block list. */
  readonly leaveOutBlocked: { readonly chosen: boolean | undefined; readonly standard: boolean }
  /** What only the admin can change. */
  readonly locked: readonly LockField[]
}

export interface Choice<T> {
  /** What the reader has chosen. Undefined when `standard` applies. */
  readonly chosen: string | undefined
  readonly offered: readonly T[]
}

export interface OfferedSchedule extends Rhythm {
  readonly name: string
  readonly filter: Filter | undefined
  readonly minMessages: number
  readonly sendsEmpty: boolean
}

/**
 * Reads the settings as their reader sees them.
 *
 * @param mailbox where digests go unless they are sent elsewhere: the reader's address in the mail system's spelling
 */
export async function ownPreferences(
  deps: OwnPreferencesDeps,
  reader: string,
  mailbox: string,
  now: number,
): Promise<Preferences> {
  const layers = layersOf(reader)
  const rows = await readScopes(deps.state, layers)
  const standard = await standardFor(deps.standard, reader)
  const settings = effectiveSettings(layers, rows, standard)
  const inherited = effectiveSettings(layers.slice(1), rows, standard)
  const own = rows.get(reader)
  const schedules = await listSchedules(deps.state)
  const { pausedUntil = 0 } = settings
  const paused = pausedUntil > now
  return {
    reader,
    language: settings.language,
    isLanguageSet: settings.isLanguageSet,
    timeZone: settings.timeZone,
    paused,
    pausedUntil: paused && pausedUntil < FOREVER ? pausedUntil : undefined,
    isOff: !settings.enabled,
    nextAt: settings.enabled ? nextDigest(settings, schedules, Math.max(now, pausedUntil)) : undefined,
    waiting: await waitingFor(deps, reader, settings, now),
    schedule: scheduleChoice(settings, inherited, own?.schedules ?? undefined, schedules, now),
    languages: {
      chosen: own?.language ?? undefined,
      standard: inherited.language,
      offered: deps.locales.languages,
    },
    timeZones: { chosen: own?.timeZone ?? undefined, standard: inherited.timeZone },
    destination: settings.deliverTo ?? mailbox,
    copies: copiesBeside(settings, settings.deliverTo ?? mailbox),
    backTo: settings.deliverTo === undefined ? undefined : mailbox,
    phrase: { chosen: own?.phrase ?? '', held: settings.phrase },
    leaveOutBlocked: {
      chosen: own?.leaveOutBlocked ?? undefined,
      standard: inherited.leaveOutBlocked,
    },
    locked: settings.locked,
  }
}

function nextDigest(
  settings: ReaderSettings,
  schedules: readonly Schedule[],
  from: number,
): number | undefined {
  if (from >= FOREVER) return undefined
  const times = schedulesOf(settings, schedules)
    .filter(schedule => schedule.enabled)
    .flatMap(schedule => rhythmOf(schedule, settings.timeZone, from - 1).next[0] ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

/** A schedule in the reader's own settings applies, and can be cleared, even if it is not on offer now. */
function scheduleChoice(
  settings: ReaderSettings,
  inherited: ReaderSettings,
  own: readonly string[] | undefined,
  schedules: readonly Schedule[],
  now: number,
): Preferences['schedule'] {
  const shown = (all: readonly Schedule[]) =>
    all.filter(schedule => schedule.enabled).map(schedule => offeredOf(schedule, settings.timeZone, now))
  const offered = schedules.filter(schedule => schedule.isOffered)
  const chosen = own?.join(' ') || undefined
  const isKept = chosen !== undefined && !offered.some(({ name, enabled }) => name === chosen && enabled)
  return {
    chosen,
    offered: shown(offered),
    standard: shown(schedulesOf(inherited, schedules)),
    kept: isKept ? shown(schedulesOf(settings, schedules)) : undefined,
  }
}

const offeredOf = (schedule: Schedule, timeZone: string, now: number): OfferedSchedule => ({
  name: schedule.name,
  filter: schedule.filter,
  minMessages: schedule.minMessages,
  sendsEmpty: schedule.sendsEmpty,
  ...rhythmOf(schedule, timeZone, now),
})
