import type { Actor } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY, MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { requireVisit, type Visitor } from '../../../rules/reach/visitor.ts'
import { FOREVER, NOT_PAUSED } from '../../../rules/settings/setting-fields.ts'
import { offsetAt, whenShown } from '../../../rules/time/local-time.ts'
import { type SendNowDeps, type SendNowOutcome, sendNow } from '../../../work/digest/send/send-now.ts'
import { readerSettings } from '../../../work/settings/read-settings.ts'
import { askForDestination, type DestinationAsked, type DestinationDeps } from './move-digests.ts'
import { ownMailbox } from './own-mailbox.ts'
import { type OwnPreferencesDeps, ownPreferences, type Preferences } from './own-preferences.ts'
import { type OwnChange, setOwnSettings } from './own-settings.ts'

export type ReaderSettingsDeps = OwnPreferencesDeps & SendNowDeps & DestinationDeps

/** What a reader does with the settings, and with no other reader's. Each verb may throw OUT_OF_REACH. */
export interface ReaderSettingsDesk {
  show(visitor: Visitor): Promise<Preferences>
  /** @throws CodedError SETTING_LOCKED */
  pause(visitor: Visitor, span: PauseSpan, remoteAddress: string | null): Promise<Preferences>
  /**
   * Saves the form. What it leaves as it is stays inherited, and what it leaves as it was shown stays as it is.
   * @throws CodedError SETTING_LOCKED, SETTING_INVALID
   */
  choose(visitor: Visitor, choices: Choices, remoteAddress: string | null): Promise<Chosen>
  /** @throws CodedError SETTING_LOCKED */
  sendNow(visitor: Visitor, remoteAddress: string | null): Promise<AskedNow>
  /** @throws CodedError SETTING_LOCKED, SMTP_UNREACHABLE */
  askForDestination(visitor: Visitor, address: string, remoteAddress: string | null): Promise<AskedElsewhere>
}

export type PauseSpan = 'week' | 'month' | 'for-good' | 'over'

/** The fields of the form; an empty one is no choice of the reader's. Undefined: the form did not have it. */
export interface Choices extends Fields {
  /** What the fields held when the form was shown: another page may have changed it since. */
  readonly shown?: Fields
}

interface Fields {
  readonly schedule?: string | undefined
  readonly language?: string | undefined
  readonly timeZone?: string | undefined
}

export interface Chosen {
  readonly preferences: Preferences
  /** Not offered: the form may be older than what is offered now. Nothing was changed then. */
  readonly outcome: 'changed' | 'unchanged' | 'not-offered'
}

export interface AskedNow {
  readonly preferences: Preferences
  readonly asked:
    | { readonly outcome: SendNowOutcome }
    /** @property again when it may be asked for, in milliseconds since the epoch */
    | { readonly outcome: 'too-early'; readonly again: number }
}

export interface AskedElsewhere {
  readonly preferences: Preferences
  readonly asked: DestinationAsked
}

export function readerSettingsDesk(deps: ReaderSettingsDeps): ReaderSettingsDesk {
  const see = async (visitor: Visitor) => {
    requireVisit(visitor, 'settings')
    const mailbox = await ownMailbox(deps.state, visitor.reader)
    const preferences = await ownPreferences(deps, visitor.reader, mailbox, deps.clock())
    return { preferences, mailbox }
  }
  const show = async (visitor: Visitor) => (await see(visitor)).preferences
  // What is under way is not in the audit yet.
  const asking = new Set<string>()
  return {
    show,
    async pause(visitor, span, remoteAddress) {
      requireVisit(visitor, 'settings')
      const { reader } = visitor
      const { timeZone } = await readerSettings(deps.state, reader, deps.standard)
      const pausedUntil = pauseFor(span, deps.clock(), timeZone)
      await setOwnSettings(deps, reader, { pausedUntil }, remoteAddress)
      return show(visitor)
    },
    async choose(visitor, choices, remoteAddress) {
      const preferences = await show(visitor)
      const change = changeOf(choices, preferences)
      if (Object.keys(change).length === 0) return { preferences, outcome: 'unchanged' }
      if (!isOffered(change, preferences)) return { preferences, outcome: 'not-offered' }
      await setOwnSettings(deps, visitor.reader, change, remoteAddress)
      return { preferences: await show(visitor), outcome: 'changed' }
    },
    async sendNow(visitor, remoteAddress) {
      requireVisit(visitor, 'settings')
      const asked = await askNow(deps, visitor.reader, actorOf(visitor, remoteAddress), asking)
      return { preferences: await show(visitor), asked }
    },
    async askForDestination(visitor, address, remoteAddress) {
      const { preferences, mailbox } = await see(visitor)
      const asked = await askForDestination(
        deps,
        {
          reader: visitor.reader,
          mailbox,
          now: preferences.destination,
          wanted: address,
          locked: preferences.locked,
        },
        actorOf(visitor, remoteAddress),
      )
      return { preferences, asked }
    },
  }
}

const actorOf = ({ reader }: Visitor, remoteAddress: string | null): Actor => ({
  kind: 'reader',
  name: reader,
  remoteAddress,
})

function pauseFor(span: PauseSpan, now: number, timeZone: string): number {
  switch (span) {
    case 'week':
      return beginningOfDay(now + 7 * DAY, timeZone)
    case 'month':
      return beginningOfDay(now + 30 * DAY, timeZone)
    case 'for-good':
      return FOREVER
    case 'over':
      return NOT_PAUSED
  }
}

/** The day that the page names has digests again, from its first on. */
function beginningOfDay(time: number, timeZone: string): number {
  const midnight = Math.floor((time + offsetAt(time, timeZone)) / DAY) * DAY
  const { instants, afterGap } = whenShown(midnight, timeZone)
  return instants[0] ?? afterGap ?? time
}

/** What differs from what holds: a form that is saved as it was shown must not make settings of what is inherited. */
function changeOf(choices: Choices, preferences: Preferences): OwnChange {
  const { shown } = choices
  const wanted = differing(choices.schedule, shown?.schedule, preferences.schedule.chosen)
  const language = differing(choices.language, shown?.language, preferences.languages.chosen)
  const timeZone = differing(choices.timeZone, shown?.timeZone, preferences.timeZones.chosen)
  return {
    ...(wanted === undefined ? {} : { schedules: wanted === null ? null : [wanted] }),
    ...(language === undefined ? {} : { language }),
    ...(timeZone === undefined ? {} : { timeZone }),
  }
}

/** Null: no choice any more. Undefined: nothing has changed. */
function differing(
  field: string | undefined,
  shown: string | undefined,
  chosen: string | undefined,
): string | null | undefined {
  if (field === undefined || field === shown || field === (chosen ?? '')) return undefined
  return field === '' ? null : field
}

/** What is locked is refused as such by who changes the settings. */
function isOffered({ schedules }: OwnChange, { schedule, locked }: Preferences): boolean {
  const [wanted] = schedules ?? []
  if (wanted === undefined || locked.includes('schedules')) return true
  return schedule.offered.some(({ name }) => name === wanted)
}

/** Sends a digest now, unless this reader has asked for one a short while ago, whatever came of it. */
async function askNow(
  deps: ReaderSettingsDeps,
  reader: string,
  actor: Actor,
  asking: Set<string>,
): Promise<AskedNow['asked']> {
  if (asking.has(reader)) return { outcome: 'too-early', again: deps.clock() + BETWEEN_DIGESTS }
  asking.add(reader)
  try {
    const again = await earliestNext(deps.state, reader, deps.clock())
    if (again !== undefined) return { outcome: 'too-early', again }
    const { outcome } = await sendNow(deps, reader, { actor, reach: undefined })
    return { outcome }
  } finally {
    asking.delete(reader)
  }
}

/** When a reader may ask for a digest again; undefined: now. Along `(at)`: ten minutes of the audit. */
async function earliestNext(
  state: Database<StateTables>,
  reader: string,
  now: number,
): Promise<number | undefined> {
  const row = await state.sql
    .selectFrom('digest_audit')
    .select('at')
    .where('at', '>', now - BETWEEN_DIGESTS)
    .where('at', '<=', now)
    .where('action', '=', 'send-now')
    .where('recipient', '=', reader)
    // Of what admins ask for, readers know nothing.
    .where('actor_kind', '=', 'reader')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.at) + BETWEEN_DIGESTS
}

/** Milliseconds from one digest to the next that a reader asks for. */
const BETWEEN_DIGESTS = 10 * MINUTE
