import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import { findUnlessAway } from '../../../ground/directory/unless-away.ts'
import { lastDigestsOf } from '../../../ground/state/last-digests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import { EVERYBODY, isReader, scopeNamed } from '../../../rules/settings/scope.ts'
import type { PageRequest } from '../listing/paging.ts'
import { searchReaders } from './search-readers.ts'

export interface FindReadersDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
}

export interface ReaderQuery extends PageRequest {
  /** A part of the address. Addresses that begin with it come first. */
  readonly search?: string | undefined
}

export interface ReaderSummary {
  readonly reader: string
  /** Messages that no digest lists yet. */
  readonly waiting: number
  readonly lastDigest:
    | { readonly id: string; readonly createdAt: number; readonly state: DigestState }
    | undefined
  /** True when something is set for the reader alone. */
  readonly hasSettings: boolean
}

export interface ReaderPage extends Page<ReaderSummary> {
  /** True when the search stopped early; `next` continues it. */
  readonly cut: boolean
  /**
   * Scopes in reach: everybody or the admin's domains, then the reader or domain that the search names, then those who
   * read the mail of the address that it names.
   */
  readonly scopes: readonly string[]
}

/**
 * Lists the readers of whom anything is known (held mail, a digest or settings), by address.
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export async function findReaders(
  deps: FindReadersDeps,
  reach: Reach,
  query: ReaderQuery,
): Promise<ReaderPage> {
  const { readers, next, cut } = await searchReaders(deps.state, reach, query)
  const named = scopeNamed(query.search ?? '')
  const scopes = scopesWithin(reach, [named, ...(await readersOfNamed(deps, named))])
  return { rows: await summariesOf(deps.state, readers), next, cut, scopes }
}

function scopesWithin(reach: Reach, named: readonly (string | undefined)[]): string[] {
  const wide = reach === undefined ? [EVERYBODY] : reach.map(domain => `@${domain}`)
  const within = named.filter(scope => scope !== undefined).filter(scope => reaches(reach, scope))
  return [...new Set([...wide, ...within])]
}

/** Who reads the mail of the address that a search names, so that an alias leads to its readers. */
async function readersOfNamed(
  { directory }: FindReadersDeps,
  named: string | undefined,
): Promise<readonly string[]> {
  if (named === undefined || !isReader(named)) return []
  const answers = await findUnlessAway(directory, [named])
  return (
    answers
      .get(named)
      ?.readers.map(({ address }) => address)
      .slice(0, MOST_READERS) ?? []
  )
}

/** As many links as a page shows at its top. */
const MOST_READERS = 20

async function summariesOf(
  state: Database<StateTables>,
  readers: readonly string[],
): Promise<ReaderSummary[]> {
  if (readers.length === 0) return []
  const waiting = await waitingOf(state, readers)
  const last = await lastDigestLines(state, readers)
  const withSettings = await readersWithSettings(state, readers)
  return readers.map(reader => ({
    reader,
    waiting: waiting.get(reader) ?? 0,
    lastDigest: last.get(reader),
    hasSettings: withSettings.has(reader),
  }))
}

async function waitingOf(
  state: Database<StateTables>,
  readers: readonly string[],
): Promise<Map<string, number>> {
  const rows = await waitingItems(state)
    .select(({ fn }) => ['reader', fn.countAll().as('waiting')])
    .where('reader', 'in', readers)
    .groupBy('reader')
    .execute()
  return new Map(rows.map(row => [row.reader, Number(row.waiting)]))
}

async function lastDigestLines(state: Database<StateTables>, readers: readonly string[]) {
  const rows = await lastDigestsOf(state, readers)
    .select(['digest_digest.reader', 'digest_id', 'created_at', 'state'])
    .execute()
  return new Map(
    rows.map(row => [row.reader, { id: row.digest_id, createdAt: Number(row.created_at), state: row.state }]),
  )
}

async function readersWithSettings(
  state: Database<StateTables>,
  readers: readonly string[],
): Promise<Set<string>> {
  const rows = await state.sql
    .selectFrom('digest_preference')
    .select('scope')
    .where('scope', 'in', readers)
    .execute()
  return new Set(rows.map(row => row.scope))
}
