import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import { settingsOf } from '../../settings/read-settings.ts'
import type { Standards } from '../../settings/standards.ts'
import type { Candidate } from '../make/candidates.ts'
import { amavisSpelling } from '../make/compile.ts'
import { MAY_HAVE_ARRIVED } from '../make/send-anyway.ts'
import { type LeasedDigest, readdressDigest } from './outbox.ts'
import { unwantedCopies } from './unwanted-copies.ts'

export interface CurrentSettingsDeps {
  readonly state: Database<StateTables>
  readonly standard: Standards
  /** The name of this process in leases. */
  readonly owner: string
  readonly clock: () => number
}

interface Leased {
  readonly digest: LeasedDigest
  /** The messages that it claims or, if it is a copy, shows. */
  readonly candidates: readonly Candidate[]
}

interface Current {
  /** Why its reader must not get it; undefined when it may be sent. */
  readonly unwanted: string | undefined
  /** The reader's own words in it; empty if there are none. */
  readonly phrase: string
  /** Whether the reader can stop them without asking an admin. */
  readonly mayPause: boolean
}

/**
 * Applies the current settings of the readers to leased digests. Since a digest was made, its reader may have paused or
 * been given another destination, and a schedule that spreads its mails may have been switched off or removed. This
 * takes one statement for all digests, another one if some of them were spread, one if there are copies, and one for
 * each digest whose destination, language or time zone has changed.
 */
export async function withCurrentSettings<Digest extends Leased>(
  deps: CurrentSettingsDeps,
  leased: readonly Digest[],
): Promise<(Digest & Current)[]> {
  const digests = leased.map(({ digest }) => digest)
  const readers = [...new Set(digests.map(({ reader }) => reader))]
  const [settingsByReader, ofEndedSchedules] = await Promise.all([
    settingsOf(deps.state, readers, deps.standard),
    digestsOfEndedSchedules(deps.state, digests.filter(wasSpread)),
  ])
  const copies = await unwantedCopies(deps.state, digests, settingsByReader)
  const current: (Digest & Current)[] = []
  for (const entry of leased) {
    const { digest, candidates } = entry
    const settings = settingsByReader.get(digest.reader)
    const unwanted = ofEndedSchedules.has(digest.digestId)
      ? SCHEDULE_ENDED
      : (copies.get(digest.digestId) ?? (settings && whyUnwanted(digest, settings, deps.clock())))
    const moved = settings && unwanted === undefined && movedTo(digest, settings, candidates)
    if (moved) await readdressDigest(deps.state, { ...digest, owner: deps.owner }, moved)
    const isCopy = digest.copyOf !== undefined
    const mayPause = !isCopy && !settings?.locked.includes('pause')
    // The phrase is a secret between the reader and this program.
    const phrase = isCopy ? '' : (settings?.phrase ?? '')
    current.push({ ...entry, digest: { ...digest, ...moved }, unwanted, phrase, mayPause })
  }
  return current
}

/** Whether its mail was spread and no attempt to send it has been made yet. */
const wasSpread = ({ sendAnyway, resent, attempts, sendAt, createdAt }: LeasedDigest): boolean =>
  sendAnyway === null && resent === 0 && attempts === 0 && sendAt > createdAt

const SCHEDULE_ENDED = 'its schedule was switched off or removed before it was sent; its messages wait'

/** The ids of those of these digests whose schedule has been switched off or removed. */
async function digestsOfEndedSchedules(
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

/** What has changed about the destination; undefined when everything is as it was when the digest was made. */
function movedTo(
  digest: LeasedDigest,
  { deliverTo, language, timeZone }: ReaderSettings,
  candidates: readonly Candidate[],
): Pick<LeasedDigest, 'deliverTo' | 'language' | 'timeZone'> | undefined {
  const own = digest.copyOf === undefined ? (deliverTo ?? ownAddress(digest, candidates)) : digest.deliverTo
  const to = { deliverTo: own, language, timeZone }
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
