import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings, StandardSettings } from '../../../rules/settings/reader-settings.ts'
import { settingsOf } from '../../settings/read-settings.ts'
import type { Candidate } from '../make/candidates.ts'
import { amavisSpelling } from '../make/compile.ts'
import { MAY_HAVE_ARRIVED } from '../make/send-anyway.ts'
import { type LeasedDigest, readdressDigest } from './outbox.ts'

export interface CurrentSettingsDeps {
  readonly state: Database<StateTables>
  readonly standard: StandardSettings
  /** This process, in leases. */
  readonly owner: string
  readonly clock: () => number
}

interface Leased {
  readonly digest: LeasedDigest
  /** The messages that it claims. */
  readonly candidates: readonly Candidate[]
}

interface Current {
  /** Why its reader is not to get it; undefined: it goes out. */
  readonly unwanted: string | undefined
  /** Whether the reader can stop them without asking an admin. */
  readonly mayPause: boolean
}

/**
 * Leased digests as the settings of their readers are by now: since a digest was made, its reader may have paused or have
 * been moved, and the schedule whose mails are spread may have been switched off or removed. It takes one statement for all of them,
 * another one where some were spread, and one for each that goes elsewhere than when it was made.
 */
export async function withCurrentSettings<Some extends Leased>(
  deps: CurrentSettingsDeps,
  leased: readonly Some[],
): Promise<(Some & Current)[]> {
  const digests = leased.map(({ digest }) => digest)
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const settings = await settingsOf(deps.state, readers, deps.standard)
  const off = await ofSchedulesOff(deps.state, digests.filter(wasSpread))
  const current: (Some & Current)[] = []
  for (const one of leased) {
    const { digest, candidates } = one
    const held = settings.get(digest.reader)
    const unwanted = off.has(digest.digestId) ? OFF : held && whyUnwanted(digest, held, deps.clock())
    const moved = held && unwanted === undefined && movedTo(digest, held, candidates)
    if (moved) await readdressDigest(deps.state, { ...digest, owner: deps.owner }, moved)
    const mayPause = !held?.locked.includes('pause')
    current.push({ ...one, digest: { ...digest, ...moved }, unwanted, mayPause })
  }
  return current
}

/** Not sent at once when it was made, nor since. */
const wasSpread = ({ sendAnyway, resent, attempts, sendAt, createdAt }: LeasedDigest): boolean =>
  sendAnyway === null && resent === 0 && attempts === 0 && sendAt > createdAt

const OFF = 'its schedule was switched off or removed before it was sent; its messages wait'

/** Of these digests, those by a schedule that is off or removed. */
async function ofSchedulesOff(
  { sql }: Database<StateTables>,
  digests: readonly LeasedDigest[],
): Promise<Set<string>> {
  if (digests.length === 0) return new Set()
  const ids = digests.map(({ digestId }) => digestId)
  const rows = await sql
    .selectFrom('digest_digest as digest')
    .innerJoin('digest_run as run', 'run.run_id', 'digest.run_id')
    .leftJoin('digest_schedule as schedule', 'schedule.name', 'run.schedule')
    .select('digest.digest_id')
    .where('digest.digest_id', 'in', ids)
    .where('run.schedule', 'is not', null)
    .where(({ eb, or }) => or([eb('schedule.name', 'is', null), eb('schedule.enabled', '=', 0)]))
    .execute()
  return new Set(rows.map(row => row.digest_id))
}

function whyUnwanted(
  { sendAnyway, resent }: LeasedDigest,
  { enabled, pausedUntil = 0 }: ReaderSettings,
  now: number,
): string | undefined {
  if (sendAnyway === MAY_HAVE_ARRIVED || resent > 0) return undefined
  if (!enabled) return 'the digests of this reader were turned off before it was sent; its messages wait'
  if (sendAnyway !== null) return undefined
  return pausedUntil > now ? 'the reader paused before it was sent; its messages wait' : undefined
}

/** Undefined: it goes to where it was to go, in the same words. */
function movedTo(
  digest: LeasedDigest,
  { deliverTo, language, timeZone }: ReaderSettings,
  candidates: readonly Candidate[],
): Pick<LeasedDigest, 'deliverTo' | 'language' | 'timeZone'> | undefined {
  const to = { deliverTo: deliverTo ?? ownAddress(digest, candidates), language, timeZone }
  const isSame =
    to.deliverTo === digest.deliverTo && language === digest.language && timeZone === digest.timeZone
  return isSame ? undefined : to
}

const ownAddress = ({ reader, deliverTo }: LeasedDigest, candidates: readonly Candidate[]): string =>
  readerAddress(deliverTo) === reader
    ? deliverTo
    : amavisSpelling(
        reader,
        candidates.map(({ item }) => item),
      )
