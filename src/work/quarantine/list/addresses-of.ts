import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { contains } from '../../../ground/database/within-domains.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { isReader } from '../../../ground/directory/readers-of.ts'
import { findUnlessAway } from '../../../ground/directory/unless-away.ts'
import { MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { reaches } from '../../../rules/reach/reach.ts'
import type { ReaderViewer } from '../../../rules/reach/viewer.ts'

export interface AddressesOfDeps {
  readonly state: Database<StateTables>
  /** Its answers are remembered, so that asking again costs little. */
  readonly directory: Directory
  readonly clock: () => number
}

/**
 * The addresses whose mail somebody reads: their own, those to which mail was sent that their digests list, and those of
 * which a directory has said so. Each counts only as long as the directory says that they read it.
 *
 * @param reader in the form of `readerAddress`
 * @returns in the same form
 */
export async function addressesOf(
  { state, directory, clock }: AddressesOfDeps,
  reader: string,
): Promise<readonly string[]> {
  const now = clock()
  const candidates = await candidatesOf(state).get(reader, { now, keep: MINUTE }, async () => [
    ...new Set([
      reader,
      ...(await recipientsListed(state, reader)),
      ...(await addressesAnswered(state, reader)),
    ]),
  ])
  const confirmed: string[] = []
  for (const chunk of chunks(candidates)) {
    const answers = await findUnlessAway(directory, chunk)
    for (const address of chunk) {
      const answer = answers.get(address)
      if (answer && isReader(answer, reader)) confirmed.push(address)
    }
  }
  return confirmed
}

/** Those of a viewer's reader, as far as the viewer reaches. */
export const addressesFor = async (
  deps: AddressesOfDeps,
  { visitor, within }: ReaderViewer,
): Promise<readonly string[]> =>
  (await addressesOf(deps, visitor.reader)).filter(address => reaches(within, address))

/** Finding them takes longer than asking the directory about them. A reader sees the mail of a new one a minute later. */
const candidatesOf = oncePerOwner(
  (_: Database<StateTables>) => new ExpiringCache<readonly string[]>(MOST_READERS),
)

const MOST_READERS = 1000

/** Along `digest_item_reader`. */
async function recipientsListed({ sql }: Database<StateTables>, reader: string): Promise<string[]> {
  const rows = await sql
    .selectFrom(
      sql
        .selectFrom('digest_item')
        .select('recipient')
        .where('reader', '=', reader)
        .orderBy('collected_at', 'desc')
        .limit(MOST_ITEMS)
        .as('latest'),
    )
    .select('recipient')
    .distinct()
    .limit(MOST_ADDRESSES)
    .execute()
  return rows.flatMap(({ recipient }) => readerAddress(recipient) ?? [])
}

/** Reads the remembered answers from end to end. Which directory has given one does not matter: it is asked again. */
async function addressesAnswered({ sql }: Database<StateTables>, reader: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_answer')
    .select('address')
    .where(({ ref }) => contains(ref('answer'), `"address":${JSON.stringify(reader)}`))
    .limit(MOST_ADDRESSES)
    .execute()
  return rows.map(({ address }) => address)
}

/** The latest items of a reader. */
const MOST_ITEMS = 5000

const MOST_ADDRESSES = 1000
