import type { Database } from '../../../ground/database/database.ts'
import type { Answer, Directory, DirectoryReader, Step } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { findUnlessAway, isDirectoryAway } from '../../../ground/directory/unless-away.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Reach, reaches, requireReach } from '../../../rules/reach/reach.ts'

export interface DirectoryDeps {
  readonly state: Database<StateTables>
  /** Remembers what it has answered. */
  readonly directory: Directory
  /** The directory itself. */
  readonly liveDirectory: Directory
  /** The last known answers, without a question to the directory. */
  readonly rememberedAnswers: Directory
}

/** Who reads the mail of an address, and by which rows. */
export interface ExplainedAddress {
  /** In the form of `readerAddress`. */
  readonly address: string
  /** Those within reach, also those who are switched off. */
  readonly readers: readonly DirectoryReader[]
  /** The steps that name nobody out of reach. */
  readonly by: readonly Step[]
  /** Why this is not what the directory says now; undefined: it is. */
  readonly outdated: OutdatedAnswer | undefined
}

/** The directory gave no answer, so this is the last known one. */
export interface OutdatedAnswer {
  /** When it was given, in milliseconds since the epoch; undefined: nobody knows. */
  readonly askedAt: number | undefined
  /** Why there is no answer now, and what to do. */
  readonly reason: string
}

/**
 * Asks the directory now who reads the mail of an address. While it is away, the last known answer serves, if there is
 * one.
 *
 * @throws CodedError USAGE for what is not an address; OUT_OF_REACH when neither the address nor a reader is in reach;
 * DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED when there is no answer at all
 */
export async function explainAddress(
  deps: DirectoryDeps,
  reach: Reach,
  text: string,
): Promise<ExplainedAddress> {
  const address = addressIn(text)
  try {
    const answer = (await deps.liveDirectory.find([address])).get(address)
    return within(reach, address, answer ?? NOBODY, undefined)
  } catch (error) {
    if (!isDirectoryAway(error)) throw error
    const known = (await deps.rememberedAnswers.find([address])).get(address)
    if (!known) throw error
    const outdated = { askedAt: await lastAskedAt(deps, address), reason: error.message }
    return within(reach, address, known, outdated)
  }
}

/**
 * The same from what is remembered, for a page that must not wait for a directory that is away. Undefined when there is
 * no answer.
 *
 * @throws CodedError USAGE, OUT_OF_REACH
 */
export async function knownAddress(
  { directory }: DirectoryDeps,
  reach: Reach,
  text: string,
): Promise<ExplainedAddress | undefined> {
  const address = addressIn(text)
  const answer = (await findUnlessAway(directory, [address])).get(address)
  return answer && within(reach, address, answer, undefined)
}

const NOBODY: Answer = { readers: [], by: [] }

function addressIn(text: string): string {
  const address = readerAddress(text.trim())
  if (address !== undefined) return address
  const found = JSON.stringify(text.slice(0, 100))
  throw new CodedError('USAGE', `Expected an address such as alice@example.com, found ${found}.`)
}

/** Keeps what is within reach: nobody learns whose alias an address is if that reader is not theirs. */
function within(
  reach: Reach,
  address: string,
  { readers: all, by }: Answer,
  outdated: OutdatedAnswer | undefined,
): ExplainedAddress {
  const readers = all.filter(reader => reaches(reach, reader.address))
  if (readers.length === 0) requireReach(reach, address)
  const isShown = (named: string | null) => named === null || named === address || reaches(reach, named)
  return {
    address,
    readers,
    by: by.filter(({ from, to }) => isShown(from) && isShown(to)),
    outdated,
  }
}

async function lastAskedAt(
  { state }: Pick<DirectoryDeps, 'state'>,
  address: string,
): Promise<number | undefined> {
  const row = await state.sql
    .selectFrom('digest_answer')
    .select('asked_at')
    .where('address', '=', address)
    .executeTakeFirst()
  return row && Number(row.asked_at)
}
