import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { canGetMail } from '../../../ground/directory/can-get-mail.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { lastDigestsOf } from '../../../ground/state/last-digests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { CompileDeps, PlannedDigest } from './compile.ts'
import { digestRow } from './digest-row.ts'
import { readersWithNewMail } from './readers-with-new-mail.ts'
import { delayOf } from './spread.ts'
import { ownReaders } from './standing.ts'

/** A run that also tells its readers when nothing was held. */
export interface EmptyRun {
  readonly runId: string
  /** Milliseconds since the epoch. A reader who has been given a digest since then gets no empty one. */
  readonly dueAt: number
  /** Milliseconds over which the mails are spread. */
  readonly spread: number
}

/**
 * Writes an empty digest for each of these readers who has been told about all mail that is held for them. Mail that
 * another schedule will list counts too, because an empty digest would otherwise be untrue. However often the run is
 * repeated, and by however many processes, each reader gets one empty digest from it. An address that the directory
 * does not let get digests of its own mail, such as an alias, gets none. An empty digest has no copies: there is
 * nothing that a deputy could do.
 *
 * @returns how many were written
 */
export async function writeEmptyDigests(
  deps: CompileDeps,
  run: EmptyRun,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<number> {
  const readersToTell = await findReadersToTell(deps, run.dueAt, readers, now)
  const rows = readersToTell.map(({ reader, settings, deliverTo }) => {
    const sendAt = now + delayOf(reader, run.spread)
    // The run is the batch: run and reader together are the key that keeps it to one digest.
    const batch = { runId: run.runId, batchId: run.runId }
    return digestRow(batch, { reader, settings, deliverTo, messages: 0, sendAt }, now)
  })
  let written = 0
  for (const chunk of chunks(rows)) {
    const insert = deps.state.sql.insertInto('digest_digest').values([...chunk])
    await deps.state.dialect.insertNew(insert, ['batch_id', 'reader']).execute()
    written += await countWritten(
      deps.state,
      run.runId,
      chunk.map(row => row.digest_id),
    )
  }
  return written
}

/** Counts the rows that were really inserted: MySQL's own count includes rows that existed before. */
async function countWritten(
  { sql }: Database<StateTables>,
  batchId: string,
  digestIds: readonly string[],
): Promise<number> {
  const { number } = await sql
    .selectFrom('digest_digest')
    .select(({ fn }) => fn.countAll().as('number'))
    .where('batch_id', '=', batchId)
    .where('digest_id', 'in', digestIds)
    .executeTakeFirstOrThrow()
  return Number(number)
}

/** The empty digests that would be written. Changes nothing. */
export async function planEmptyDigests(
  deps: CompileDeps,
  dueAt: number,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<PlannedDigest[]> {
  const readersToTell = await findReadersToTell(deps, dueAt, readers, now)
  return readersToTell.map(({ reader, settings: { language, timeZone }, deliverTo }) => ({
    reader,
    deliverTo,
    language,
    timeZone,
    messages: 0,
  }))
}

/** A reader who is told that nothing was held. */
interface ReaderToTell {
  readonly reader: string
  readonly settings: ReaderSettings
  readonly deliverTo: string
}

async function findReadersToTell(
  deps: CompileDeps,
  dueAt: number,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<ReaderToTell[]> {
  const withNewMail = await readersWithNewMail(deps, [...readers.keys()], now)
  const idle = [...readers].filter(([reader]) => !withNewMail.has(reader))
  const last = await lastDigests(
    deps.state,
    idle.map(([reader]) => reader),
  )
  const refused = [...last].filter(([, { wasRefused }]) => wasRefused).map(([reader]) => reader)
  const gone = new Set(refused).difference(await readersWithSettings(deps.state, refused))
  const readingOwn = await ownReaders(
    deps.directory,
    idle.map(([reader]) => reader),
  )
  return idle.flatMap(([reader, settings]) => {
    const { createdAt = 0, deliverTo = reader, isOnItsWay = false } = last.get(reader) ?? {}
    if (createdAt >= dueAt || isOnItsWay || gone.has(reader)) return []
    if (!readingOwn.has(reader) || !canGetMail(reader)) return []
    // As amavis spells it, once that is known. Where local parts are case-sensitive, lower case would reach nobody.
    const own = readerAddress(deliverTo) === reader ? deliverTo : reader
    return [{ reader, settings, deliverTo: settings.deliverTo ?? own }]
  })
}

interface LastDigest {
  readonly createdAt: number
  /** The address to which it went. */
  readonly deliverTo: string
  /** The SMTP server itself refused it for good; delivery did not merely fail. */
  readonly wasRefused: boolean
  /** It is being sent for the first time, not resent. */
  readonly isOnItsWay: boolean
}

/** The last digest of each of these readers. */
async function lastDigests(
  state: Database<StateTables>,
  readers: readonly string[],
): Promise<Map<string, LastDigest>> {
  if (readers.length === 0) return new Map()
  const rows = await lastDigestsOf(state, readers)
    .select(['digest_digest.reader', 'digest_digest.created_at', 'digest_digest.deliver_to'])
    .select(['digest_digest.state', 'digest_digest.reply', 'digest_digest.resent'])
    .execute()
  return new Map(
    rows.map(row => [
      row.reader,
      {
        createdAt: Number(row.created_at),
        deliverTo: row.deliver_to,
        wasRefused: row.state === 'failed' && NO_MAILBOX.test(row.reply ?? ''),
        isOnItsWay: row.state === 'pending' && row.resent === null,
      },
    ]),
  )
}

/** RFC 5321: 550 to 556 concern the mailbox; other codes concern the sender, such as its sign-in. */
const NO_MAILBOX = /^55\d/

/** Those of these readers who have settings of their own: an admin or the reader has dealt with them. */
async function readersWithSettings(
  { sql }: Database<StateTables>,
  readers: readonly string[],
): Promise<Set<string>> {
  if (readers.length === 0) return new Set()
  const rows = await sql
    .selectFrom('digest_preference')
    .select('scope')
    .where('scope', 'in', readers)
    .execute()
  return new Set(rows.map(row => row.scope))
}
