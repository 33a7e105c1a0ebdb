import type { Database } from '../../../ground/database/database.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import { copiesBeside, isCopiedTo, type ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { LeasedDigest } from './outbox.ts'

/**
 * Finds the copies that must not be sent, and says why: an admin has the copies sent elsewhere or nowhere by now, the
 * digest itself goes there now, or the digest was not to be sent. A digest that the server refused is copied all the
 * same: that is when a deputy is of use. One statement, or none if none of the digests is a copy.
 *
 * @param settingsByReader the settings that hold now
 * @returns the reasons by the copy's id
 */
export async function unwantedCopies(
  state: Database<StateTables>,
  digests: readonly LeasedDigest[],
  settingsByReader: ReadonlyMap<string, ReaderSettings>,
): Promise<Map<string, string>> {
  const originals = await originalsOf(state, digests)
  return new Map(
    digests.flatMap(digest => {
      const { digestId, reader, copyOf } = digest
      if (copyOf === undefined) return []
      const settings = settingsByReader.get(reader)
      if (settings && !isStillWanted(digest, settings)) return [[digestId, NO_LONGER_SENT]]
      const original = originals.get(copyOf)
      return original && UNSENT.has(original.state) ? [[digestId, whyUnsent(original)]] : []
    }),
  )
}

type Original = Pick<DigestTable, 'digest_id' | 'state' | 'reply'>

async function originalsOf(
  { sql }: Database<StateTables>,
  digests: readonly LeasedDigest[],
): Promise<Map<string, Original>> {
  const ids = new Set(digests.flatMap(({ copyOf }) => copyOf ?? []))
  if (ids.size === 0) return new Map()
  const rows = await sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'state', 'reply'])
    .where('digest_id', 'in', [...ids])
    .execute()
  return new Map(rows.map(row => [row.digest_id, row]))
}

function isStillWanted({ reader, deliverTo }: LeasedDigest, settings: ReaderSettings): boolean {
  return isCopiedTo({ copyTo: copiesBeside(settings, settings.deliverTo ?? reader) }, deliverTo)
}

const NO_LONGER_SENT = 'no copies of the digests of this reader go to this address any more'

/** The states of a digest that its reader was not to get. */
const UNSENT: ReadonlySet<DigestTable['state']> = new Set(['empty', 'dropped'])

const whyUnsent = ({ state, reply }: Original): string =>
  state === 'dropped' || reply === null
    ? 'an admin dropped the digest that it is a copy of'
    : `the digest that it is a copy of was not sent: ${reply}`
