import type { Actor } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { FOREVER, NOT_PAUSED } from '../../../rules/settings/setting-fields.ts'
import { offsetAt, whenShown } from '../../../rules/time/local-time.ts'
import { type SendNowDeps, type SendNowOutcome, sendNow } from '../../../work/digest/send/send-now.ts'
import { settingsOf } from '../../../work/settings/read-settings.ts'
import { type OwnChange, type SettingsDeps, setOwnSettings } from '../../admin/settings/change-settings.ts'
import { findLinkedDigest, type LinkDeps } from '../linked-digest.ts'
import { askForDestination, type DestinationAsked, type DestinationDeps } from './destination.ts'
import { type OwnPreferencesDeps, ownPreferences, type Preferences } from './own-preferences.ts'

export type PreferencesDeps = LinkDeps & OwnPreferencesDeps & SettingsDeps & SendNowDeps & DestinationDeps

/** What a reader can do with a preferences link, and to no settings but that reader's. All may throw LINK_…. */
export interface PreferencesByLink {
  /** @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE, as all of these */
  open(token: string): Promise<Preferences>
  /** @throws CodedError SETTING_LOCKED */
  pause(token: string, span: PauseSpan, remoteAddress: string | null): Promise<Preferences>
  /**
   * Saves the form. What it leaves as it is stays inherited, and what it leaves as it was shown stays as it is.
   * @throws CodedError SETTING_LOCKED, SETTING_INVALID
   */
  choose(token: string, choices: Choices, remoteAddress: string | null): Promise<Chosen>
  /** @throws CodedError SETTING_LOCKED */
  sendNow(token: string, remoteAddress: string | null): Promise<AskedNow>
  /** @throws CodedError SETTING_LOCKED, SMTP_UNREACHABLE */
  askForDestination(token: string, address: string, remoteAddress: string | null): Promise<AskedElsewhere>
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

export function preferencesByLink(deps: PreferencesDeps): PreferencesByLink {
  const readerOf = (token: string) => findReader(deps, token)
  const see = (reader: LinkedReader) => ownPreferences(deps, reader.address, reader.mailbox, deps.clock())
  // What is under way is not in the audit yet.
  const asking = new Set<string>()
  return {
    open: async token => see(await readerOf(token)),
    async pause(token, span, remoteAddress) {
      const reader = await readerOf(token)
      const settings = (await settingsOf(deps.state, [reader.address], deps.standard)).get(reader.address)
      const pausedUntil = pauseFor(span, deps.clock(), (settings ?? deps.standard).timeZone)
      await setOwnSettings(deps, reader.address, { pausedUntil }, remoteAddress)
      return see(reader)
    },
    async choose(token, choices, remoteAddress) {
      const reader = await readerOf(token)
      const preferences = await see(reader)
      const change = changeOf(choices, preferences)
      if (Object.keys(change).length === 0) return { preferences, outcome: 'unchanged' }
      if (!isOffered(change, preferences)) return { preferences, outcome: 'not-offered' }
      await setOwnSettings(deps, reader.address, change, remoteAddress)
      return { preferences: await see(reader), outcome: 'changed' }
    },
    async sendNow(token, remoteAddress) {
      const reader = await readerOf(token)
      const asked = await askNow(deps, reader, actorOf(reader, remoteAddress), asking)
      return { preferences: await see(reader), asked }
    },
    async askForDestination(token, address, remoteAddress) {
      const reader = await readerOf(token)
      const preferences = await see(reader)
      const asked = await askForDestination(
        deps,
        {
          reader: reader.address,
          mailbox: reader.mailbox,
          now: preferences.destination,
          wanted: address,
          locked: preferences.locked,
        },
        actorOf(reader, remoteAddress),
      )
      return { preferences, asked }
    },
  }
}

interface LinkedReader {
  readonly address: string
  /** The address in the spelling of the mail system. */
  readonly mailbox: string
}

async function findReader(deps: PreferencesDeps, token: string): Promise<LinkedReader> {
  const { digestId, reader } = await findLinkedDigest(deps, token, 'preferences')
  const row = await deps.state.sql
    .selectFrom('digest_digest')
    .select('deliver_to')
    .where('digest_id', '=', digestId)
    .executeTakeFirst()
  const sentTo = row?.deliver_to ?? reader
  // It may have gone elsewhere then.
  return { address: reader, mailbox: readerAddress(sentTo) === reader ? sentTo : reader }
}

const actorOf = (reader: LinkedReader, remoteAddress: string | null): Actor => ({
  kind: 'reader',
  name: reader.address,
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

const DAY = 86_400_000

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
  deps: PreferencesDeps,
  reader: LinkedReader,
  actor: Actor,
  asking: Set<string>,
): Promise<AskedNow['asked']> {
  if (asking.has(reader.address)) return { outcome: 'too-early', again: deps.clock() + BETWEEN_DIGESTS }
  asking.add(reader.address)
  try {
    const again = await earliestNext(deps.state, reader.address, deps.clock())
    if (again !== undefined) return { outcome: 'too-early', again }
    const { outcome } = await sendNow(deps, reader.address, { actor, reach: undefined })
    return { outcome }
  } finally {
    asking.delete(reader.address)
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
const BETWEEN_DIGESTS = 600_000
