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
 * been moved, and the schedule whose mails are spread may have been switched off. It takes one statement for all of them,
 * another one where some were spread, and one for each that goes elsewhere than when it was made.
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
  const off = await ofSchedulesOff(deps.state, digests.filter(wasSpread))
  const current: Current[] = []
  for (const digest of digests) {
    const held = settings.get(digest.reader)
    const unwanted = off.has(digest.digestId) ? OFF : held && whyUnwanted(digest, held, deps.clock())
    const moved = held && unwanted === undefined && movedTo(digest, held, candidates.get(digest.digestId))
    if (moved) await readdressDigest(deps.state, { ...digest, owner: deps.owner }, moved)
    const mayPause = !held?.locked.includes('pause')
    current.push({ digest: { ...digest, ...moved }, unwanted, mayPause })
  }
  return current
}

/** Not sent at once when it was made, nor since. */
const wasSpread = ({ isFirm, resent, attempts, sendAt, createdAt }: LeasedDigest): boolean =>
  !isFirm && resent === 0 && attempts === 0 && sendAt > createdAt

const OFF = 'its schedule was switched off before it was sent; its messages wait'

/** Of these digests, those by a schedule that is off. */
async function ofSchedulesOff(
  { sql }: Database<StateTables>,
  digests: readonly LeasedDigest[],
): Promise<Set<string>> {
  if (digests.length === 0) return new Set()
  const ids = digests.map(({ digestId }) => digestId)
  const rows = await sql
    .selectFrom('digest_digest as digest')
    .innerJoin('digest_run as run', 'run.run_id', 'digest.run_id')
    .innerJoin('digest_schedule as schedule', 'schedule.name', 'run.schedule')
    .select('digest.digest_id')
    .where('digest.digest_id', 'in', ids)
    .where('schedule.enabled', '=', 0)
    .execute()
  return new Set(rows.map(row => row.digest_id))
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
