import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { readerAddress } from '../directory/reader-address.ts'
import { type ReaderSettings, type StandardSettings, settingsOf } from '../preferences/settings.ts'
import type { Candidate } from './candidates.ts'
import { ownSpelling } from './compile.ts'
import { type LeasedDigest, readdressDigest } from './outbox.ts'

export interface SettingsNow {
  readonly state: Database<StateTables>
  readonly standard: StandardSettings
  /** This process, in leases. */
  readonly owner: string
  readonly clock: () => number
}

export interface Current {
  readonly digest: LeasedDigest
  /** Why its reader is not to get it; undefined: it goes out. */
  readonly unwanted: string | undefined
  /** Whether the reader can stop them without asking an admin. */
  readonly mayPause: boolean
}

/**
 * Leased digests as the settings of their readers are by now: since a digest was made, its reader may have paused or have
 * been moved. It takes one statement for all of them, and one for each that goes elsewhere than when it was made.
 *
 * @param candidates the messages of each digest
 */
export async function asSettingsAre(
  deps: SettingsNow,
  digests: readonly LeasedDigest[],
  candidates: ReadonlyMap<string, readonly Candidate[]>,
): Promise<Current[]> {
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const settings = await settingsOf(deps.state, readers, deps.standard)
  const current: Current[] = []
  for (const digest of digests) {
    const held = settings.get(digest.reader)
    const unwanted = held && whyUnwanted(digest, held, deps.clock())
    const moved = held && unwanted === undefined && movedTo(digest, held, candidates.get(digest.digestId))
    if (moved) await readdressDigest(deps.state, { ...digest, owner: deps.owner }, moved)
    const mayPause = !held?.locked.includes('pause')
    current.push({ digest: { ...digest, ...moved }, unwanted, mayPause })
  }
  return current
}

function whyUnwanted(
  { isFirm, resent }: LeasedDigest,
  { enabled, pausedUntil = 0 }: ReaderSettings,
  now: number,
): string | undefined {
  if (isFirm || resent > 0) return undefined
  if (!enabled) return 'the digests of this reader were turned off before it was sent; its messages wait'
  return pausedUntil > now ? 'the reader paused before it was sent; its messages wait' : undefined
}

/** Undefined: it goes to where it was to go, in the same words. */
function movedTo(
  digest: LeasedDigest,
  { deliverTo, language, timeZone }: ReaderSettings,
  candidates: readonly Candidate[] = [],
): Pick<LeasedDigest, 'deliverTo' | 'language' | 'timeZone'> | undefined {
  const to = { deliverTo: deliverTo ?? ownAddress(digest, candidates), language, timeZone }
  const isSame =
    to.deliverTo === digest.deliverTo && language === digest.language && timeZone === digest.timeZone
  return isSame ? undefined : to
}

const ownAddress = ({ reader, deliverTo }: LeasedDigest, candidates: readonly Candidate[]): string =>
  readerAddress(deliverTo) === reader
    ? deliverTo
    : ownSpelling(
        reader,
        candidates.map(({ item }) => item),
      )
