import type { Actor } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY, MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { actorOf, requirePermission, type Visitor } from '../../../rules/reach/visitor.ts'
import { FOREVER, NOT_PAUSED } from '../../../rules/settings/setting-fields.ts'
import { startOfDay } from '../../../rules/time/local-time.ts'
import { needsButton, refuseWithoutButton } from '../../../work/clicks/press-button.ts'
import { type ListAgainDeps, listAgain } from '../../../work/digest/make/list-again.ts'
import { type SendNowDeps, type SendNowOutcome, sendNow } from '../../../work/digest/send/send-now.ts'
import { type PageLanguage, pageLanguageOf, readerSettings } from '../../../work/settings/read-settings.ts'
import { askForDestination, type DestinationAsked, type DestinationDeps } from './move-digests.ts'
import { ownMailbox } from './own-mailbox.ts'
import { type OwnPreferencesDeps, ownPreferences, type Preferences } from './own-preferences.ts'
import { type OwnChange, setOwnSettings } from './own-settings.ts'

export type ReaderSettingsDeps = OwnPreferencesDeps & SendNowDeps & DestinationDeps & ListAgainDeps

export type PauseSpan = 'week' | 'month' | 'for-good' | 'over'

/** The fields of the form. Empty: no choice, so the wider scope decides. Undefined: not in the form. */
export interface Choices extends Fields {
  /** What the fields held when the form was shown: another page may have changed it since. */
  readonly shown?: Fields
}

interface Fields {
  readonly schedule?: string | undefined
  readonly language?: string | undefined
  readonly timeZone?: string | undefined
  readonly phrase?: string | undefined
  /** `yes` or `no`. */
  readonly leaveOutBlocked?: string | undefined
}

export interface Chosen {
  readonly preferences: Preferences
  /** `not-offered`: the form may be older than the present offer. Nothing was changed. */
  readonly outcome: 'changed' | 'unchanged' | 'not-offered'
}

export interface AskedNow {
  readonly preferences: Preferences
  readonly asked:
    | { readonly outcome: SendNowOutcome }
    /** @property again when it may be asked for, in milliseconds since the epoch */
    | { readonly outcome: 'too-early'; readonly again: number }
}

export interface AskedFresh {
  /** When it may be asked for again, in milliseconds since the epoch. Undefined when it was sent, or nothing waits. */
  readonly again: number | undefined
  readonly audience: PageLanguage
}

export interface AskedElsewhere {
  readonly preferences: Preferences
  readonly asked: DestinationAsked
}

/** What readers may do with their own settings, and nobody else's. Each verb may throw OUT_OF_REACH. */
export function readerSettingsDesk(deps: ReaderSettingsDeps) {
  const read = async (visitor: Visitor) => {
    requirePermission(visitor, 'settings')
    const mailbox = await ownMailbox(deps.state, visitor.reader)
    const preferences = await ownPreferences(deps, visitor.reader, mailbox, deps.clock())
    return { preferences, mailbox }
  }
  const show = async (visitor: Visitor): Promise<Preferences> => (await read(visitor)).preferences
  // Requests in progress are not in the audit yet.
  const inProgress = new Set<string>()
  return {
    show,
    /**
     * Refuses a change by a request that lacks the button, if a machine was seen to read a digest of this reader.
     *
     * @param since when the digest was made whose link this is
     * @throws CodedError CONFIRMATION_REQUIRED
     */
    async requireButton(visitor: Visitor, since: number, remoteAddress: string | null): Promise<void> {
      const { reader } = visitor
      if (!(await needsButton(deps, visitor, reader, since))) return
      const actor = actorOf(visitor, remoteAddress)
      await refuseWithoutButton(deps, { actor, action: 'settings-set', recipient: reader })
    },
    /** @throws CodedError SETTING_LOCKED */
    async pause(visitor: Visitor, span: PauseSpan, remoteAddress: string | null): Promise<Preferences> {
      requirePermission(visitor, 'settings')
      const { reader } = visitor
      const { timeZone } = await readerSettings(deps.state, reader, deps.standard)
      const pausedUntil = pauseFor(span, deps.clock(), timeZone)
      await setOwnSettings(deps, reader, { pausedUntil }, remoteAddress)
      return show(visitor)
    },
    /**
     * Saves the form. A field that the reader left as it was shown is not saved: it stays inherited, or keeps a change
     * that was made elsewhere in the meantime.
     *
     * @throws CodedError SETTING_LOCKED, SETTING_INVALID
     */
    async choose(visitor: Visitor, choices: Choices, remoteAddress: string | null): Promise<Chosen> {
      const preferences = await show(visitor)
      const change = changeOf(choices, preferences)
      if (Object.keys(change).length === 0) return { preferences, outcome: 'unchanged' }
      if (!isOffered(change, preferences)) return { preferences, outcome: 'not-offered' }
      await setOwnSettings(deps, visitor.reader, change, remoteAddress)
      return { preferences: await show(visitor), outcome: 'changed' }
    },
    /** @throws CodedError SETTING_LOCKED */
    async sendNow(visitor: Visitor, remoteAddress: string | null): Promise<AskedNow> {
      requirePermission(visitor, 'settings')
      const asked = await askNow(deps, visitor.reader, actorOf(visitor, remoteAddress), inProgress)
      return { preferences: await show(visitor), asked }
    },
    /**
     * Sends a fresh digest to where the reader's digests go. What is still held and was listed only in digests whose
     * links have expired is listed again.
     *
     * @throws CodedError SETTING_LOCKED
     */
    async sendFresh(visitor: Visitor, remoteAddress: string | null): Promise<AskedFresh> {
      requirePermission(visitor, 'digest')
      const { reader } = visitor
      const beforehand = async () => {
        const { enabled } = await readerSettings(deps.state, reader, deps.standard)
        // Where digests are turned off, none is sent, and a link that has expired changes nothing.
        if (enabled) await listAgain(deps, reader, deps.clock())
      }
      const asked = await askNow(deps, reader, actorOf(visitor, remoteAddress), inProgress, beforehand)
      return {
        again: asked.outcome === 'too-early' ? asked.again : undefined,
        audience: await pageLanguageOf(deps.state, reader, deps.standard),
      }
    },
    /** @throws CodedError SETTING_LOCKED, SMTP_UNREACHABLE */
    async askForDestination(
      visitor: Visitor,
      address: string,
      remoteAddress: string | null,
    ): Promise<AskedElsewhere> {
      const { preferences, mailbox } = await read(visitor)
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

export type ReaderSettingsDesk = ReturnType<typeof readerSettingsDesk>

function pauseFor(span: PauseSpan, now: number, timeZone: string): number {
  switch (span) {
    case 'week':
      return startOfDay(now + 7 * DAY, timeZone)
    case 'month':
      return startOfDay(now + 30 * DAY, timeZone)
    case 'for-good':
      return FOREVER
    case 'over':
      return NOT_PAUSED
  }
}

/** The fields that the reader changed. Saving a form as it was shown must not turn inherited values into settings. */
function changeOf(choices: Choices, preferences: Preferences): OwnChange {
  const { shown } = choices
  const wanted = changedField(choices.schedule, shown?.schedule, preferences.schedule.chosen)
  const language = changedField(choices.language, shown?.language, preferences.languages.chosen)
  const timeZone = changedField(choices.timeZone, shown?.timeZone, preferences.timeZones.chosen)
  const blocked = changedField(
    choices.leaveOutBlocked,
    shown?.leaveOutBlocked,
    yesOrNo(preferences.leaveOutBlocked.chosen),
  )
  const phrase = changedField(choices.phrase?.trim(), shown?.phrase, preferences.phrase.chosen)
  return {
    ...(wanted === undefined ? {} : { schedules: wanted === null ? null : [wanted] }),
    ...(language === undefined ? {} : { language }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(phrase === undefined ? {} : { phrase }),
    ...(blocked === undefined ? {} : { leaveOutBlocked: blocked === null ? null : blocked === 'yes' }),
  }
}

const yesOrNo = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? 'yes' : 'no'

/** @returns null when the reader clears the choice, undefined when nothing has changed */
function changedField(
  field: string | undefined,
  shown: string | undefined,
  chosen: string | undefined,
): string | null | undefined {
  if (field === undefined || field === shown || field === (chosen ?? '')) return undefined
  return field === '' ? null : field
}

/** A locked field passes here, because `setOwnSettings` refuses it with the proper message. */
function isOffered({ schedules }: OwnChange, { schedule, locked }: Preferences): boolean {
  const [wanted] = schedules ?? []
  if (wanted === undefined || locked.includes('schedules')) return true
  return schedule.offered.some(({ name }) => name === wanted)
}

/** Sends a digest now, unless this reader has asked for one a short while ago, whatever its outcome was. */
async function askNow(
  deps: ReaderSettingsDeps,
  reader: string,
  actor: Actor,
  inProgress: Set<string>,
  beforehand = async () => {},
): Promise<AskedNow['asked']> {
  if (inProgress.has(reader)) return { outcome: 'too-early', again: deps.clock() + BETWEEN_DIGESTS }
  inProgress.add(reader)
  try {
    const again = await earliestNext(deps.state, reader, deps.clock())
    if (again !== undefined) return { outcome: 'too-early', again }
    await beforehand()
    const { outcome } = await sendNow(deps, reader, { actor, reach: undefined })
    return { outcome }
  } finally {
    inProgress.delete(reader)
  }
}

/** When a reader may ask for a digest again; undefined: now. Uses the index on `(at)` for ten minutes of the audit. */
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
    // A digest that an admin asked for does not count: the reader knows nothing of it.
    .where('actor_kind', '=', 'reader')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.at) + BETWEEN_DIGESTS
}

/** The shortest time between two digests that a reader asks for, in milliseconds. */
const BETWEEN_DIGESTS = 10 * MINUTE
