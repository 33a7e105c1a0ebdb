import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { CompileDeps, PlannedDigest } from './compile.ts'
import { digestRow } from './digest-row.ts'
import { readersWithNewMail } from './readers-with-new-mail.ts'
import { placeInSpread } from './spread.ts'

/** A run that tells its readers, too, when nothing was held. */
export interface EmptyRun {
  readonly runId: string
  /** Milliseconds since the epoch: who has been given a digest since then gets no empty one. */
  readonly dueAt: number
  /** Milliseconds over which the mails are spread. */
  readonly spread: number
}

/**
 * Writes an empty digest for each of these readers for whom nothing is held that they have not been told of, by whatever
 * schedule: only then is it true. However often a run is made again, and by however many processes, each reader has one of it.
 *
 * @returns how many were written
 */
export async function writeEmptyDigests(
  deps: CompileDeps,
  run: EmptyRun,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<number> {
  const rows = (await emptyHanded(deps, run.dueAt, readers, now)).map(({ reader, settings, deliverTo }) => {
    const sendAt = now + Math.floor(placeInSpread(reader) * run.spread)
    // Not a batch of its own: with the reader, the run is the key.
    const batch = { runId: run.runId, batchId: run.runId }
    return digestRow(batch, { reader, settings, deliverTo, messages: 0, sendAt }, now)
  })
  let written = 0
  for (const chunk of chunks(rows)) {
    const insert = deps.state.sql.insertInto('digest_digest').values([...chunk])
    await deps.state.dialect.insertNew(insert, ['batch_id', 'reader']).execute()
    written += await countThere(
      deps.state,
      run.runId,
      chunk.map(row => row.digest_id),
    )
  }
  return written
}

/** MySQL's count of what was inserted counts rows, too, that were there before. */
async function countThere(
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
  const found = await emptyHanded(deps, dueAt, readers, now)
  return found.map(({ reader, settings: { language, timeZone }, deliverTo }) => ({
    reader,
    deliverTo,
    language,
    timeZone,
    messages: 0,
  }))
}

interface EmptyHanded {
  readonly reader: string
  readonly settings: ReaderSettings
  readonly deliverTo: string
}

async function emptyHanded(
  deps: CompileDeps,
  dueAt: number,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<EmptyHanded[]> {
  const others = await readersWithNewMail(deps, [...readers.keys()], now)
  const idle = [...readers].filter(([reader]) => !others.has(reader))
  const last = await lastDigests(
    deps.state,
    idle.map(([reader]) => reader),
  )
  const refused = [...last].filter(([, { wasRefused }]) => wasRefused).map(([reader]) => reader)
  const gone = new Set(refused).difference(await withSettings(deps.state, refused))
  return idle.flatMap(([reader, settings]) => {
    const { createdAt = 0, deliverTo = reader, isOnItsWay = false } = last.get(reader) ?? {}
    if (createdAt >= dueAt || isOnItsWay || gone.has(reader)) return []
    // As amavis spells it, once it is known: where local parts differ by case, lower case would reach nobody.
    const own = readerAddress(deliverTo) === reader ? deliverTo : reader
    return [{ reader, settings, deliverTo: settings.deliverTo ?? own }]
  })
}

interface LastDigest {
  readonly createdAt: number
  /** The address to which it went. */
  readonly deliverTo: string
  /** For good, by the SMTP server itself: it did not only fail to come through. */
  readonly wasRefused: boolean
  /** For the first time: it has not been delivered before. */
  readonly isOnItsWay: boolean
}

/** The last digest of each of these readers. */
async function lastDigests(
  { sql }: Database<StateTables>,
  readers: readonly string[],
): Promise<Map<string, LastDigest>> {
  if (readers.length === 0) return new Map()
  const rows = await sql
    .selectFrom('digest_digest')
    .innerJoin(
      query =>
        query
          .selectFrom('digest_digest')
          .select(({ fn }) => ['reader', fn.max('created_at').as('at')])
          .where('reader', 'in', readers)
          .groupBy('reader')
          .as('last'),
      join =>
        join
          .onRef('digest_digest.reader', '=', 'last.reader')
          .onRef('digest_digest.created_at', '=', 'last.at'),
    )
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

/** RFC 5321: 550 to 556 are about the mailbox, others about our own ways, as a sign-in. */
const NO_MAILBOX = /^55\d/

/** Of these readers, those who have settings of their own: an admin, or they themselves, have seen to them. */
async function withSettings(
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
