import { readerAddress } from '../../ground/directory/reader-address.ts'
import { LOCKED_BY_STANDARD, type LockField, NOT_PAUSED, type SettingFields } from './setting-fields.ts'

/**
 * The settings in effect for one reader. Each setting, independently of the others, is the most specific one of the
 * reader's, the domain's and everybody's.
 */
export interface ReaderSettings {
  /** Names of schedules; undefined means the default schedule. */
  readonly schedules: readonly string[] | undefined
  readonly language: string
  /** Whether somebody chose it. Otherwise pages use the browser's language. */
  readonly isLanguageSet: boolean
  readonly timeZone: string
  /** Where the digest goes instead of to the reader's own mailbox. */
  readonly deliverTo: string | undefined
  /** Milliseconds since the epoch; may have passed. */
  readonly pausedUntil: number | undefined
  readonly enabled: boolean
  /** What the reader cannot change. */
  readonly locked: readonly LockField[]
  /** Empty if there is none. */
  readonly phrase: string
  /** Who gets a copy of each digest. An address to which the digest goes anyway may be among them. */
  readonly copyTo: readonly string[]
  /** Whether digests leave out mail of senders on a block list. */
  readonly leaveOutBlocked: boolean
}

export interface StandardSettings {
  readonly language: string
  readonly timeZone: string
}

/** The settings in effect, given the layers that apply, the most specific one first. */
export function effectiveSettings(
  layers: readonly string[],
  rows: ReadonlyMap<string, SettingFields>,
  standard: StandardSettings,
): ReaderSettings {
  const found = layers.flatMap(scope => rows.get(scope) ?? [])
  const first = <Key extends keyof SettingFields>(key: Key) =>
    found.map(layer => layer[key]).find(value => value !== null) ?? undefined
  return {
    schedules: first('schedules'),
    language: first('language') ?? standard.language,
    isLanguageSet: first('language') !== undefined,
    timeZone: first('timeZone') ?? standard.timeZone,
    deliverTo: destinationElsewhere(layers[0], first('deliverTo')),
    pausedUntil: endOfPauses(layers, rows),
    enabled: first('enabled') ?? true,
    locked: first('locked') ?? LOCKED_BY_STANDARD,
    phrase: first('phrase') ?? '',
    copyTo: first('copyTo') ?? [],
    leaveOutBlocked: first('leaveOutBlocked') ?? false,
  }
}

/** A pause, or `NOT_PAUSED`, and the scope that sets it. */
export interface Pause {
  readonly scope: string
  readonly until: number
}

/** The pause in effect now: the most specific one that has not ended. */
export const pauseAt = (layers: readonly string[], rows: PauseRows, now: number): Pause | undefined =>
  pausesOf(layers, rows).find(({ until }) => until > now || until <= NOT_PAUSED)

/** When digests resume. Once a reader's own pause has ended, the pauses of the wider scopes apply. */
export function endOfPauses(layers: readonly string[], rows: PauseRows): number | undefined {
  const ends = pausesOf(layers, rows).map(({ until }) => until)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

type PauseRows = ReadonlyMap<string, Pick<SettingFields, 'pausedUntil'>>

/** The most specific one first; `never` (`NOT_PAUSED`) lifts those of the wider scopes. */
function pausesOf(layers: readonly string[], rows: PauseRows): Pause[] {
  const pauses = layers.flatMap(scope => {
    const until = rows.get(scope)?.pausedUntil ?? undefined
    return until === undefined ? [] : [{ scope, until }]
  })
  const lifted = pauses.findIndex(({ until }) => until <= NOT_PAUSED)
  return lifted < 0 ? pauses : pauses.slice(0, lifted + 1)
}

/** Where the copies of a digest go: not to where the digest itself goes. */
export const copiesBeside = ({ copyTo }: Pick<ReaderSettings, 'copyTo'>, deliverTo: string): string[] =>
  copyTo.filter(address => !isSameMailbox(address, deliverTo))

/** Whether copies of a reader's digests go to an address, in whichever spelling. */
export const isCopiedTo = ({ copyTo }: Pick<ReaderSettings, 'copyTo'>, address: string): boolean =>
  copyTo.some(other => isSameMailbox(other, address))

const isSameMailbox = (one: string, other: string): boolean =>
  (readerAddress(one) ?? one) === (readerAddress(other) ?? other)

/** Where digests go instead of to the reader's own mailbox. Naming that mailbox itself overrides the wider scopes. */
export const destinationElsewhere = (
  scope: string | undefined,
  deliverTo: string | undefined,
): string | undefined =>
  deliverTo !== undefined && readerAddress(deliverTo) === scope ? undefined : deliverTo
