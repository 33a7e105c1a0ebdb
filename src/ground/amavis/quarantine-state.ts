import type { Kysely } from 'kysely'
import { type Octets, textOf } from '../database/text.ts'
import { DAY, SECOND } from '../durations.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

type Storage = Kysely<AmavisTables>

/** The least and the greatest partition tag: the ends of the primary key. 0 where there is no message. */
export async function partitionTags(storage: Storage): Promise<{ lowest: number; highest: number }> {
  const row = await storage
    .selectFrom('msgs')
    .select(({ fn }) => [fn.min('partition_tag').as('lowest'), fn.max('partition_tag').as('highest')])
    .executeTakeFirst()
  return { lowest: Number(row?.lowest ?? 0), highest: Number(row?.highest ?? 0) }
}

/**
 * Whether the tag of the latest message has come again while mail of its former round was left. It reads the messages of
 * that tag alone.
 *
 * @returns the tag, and when its oldest message came, in milliseconds since the epoch
 */
export async function recurredTag(
  storage: Storage,
): Promise<{ readonly tag: number; readonly oldest: number } | undefined> {
  const latest = await storage
    .selectFrom('msgs')
    .select(['partition_tag', 'time_num'])
    .orderBy('time_num', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!latest) return undefined
  const tag = latest.partition_tag
  const { first } = await storage
    .selectFrom('msgs')
    .select(({ fn }) => fn.min('time_num').as('first'))
    .where('partition_tag', '=', tag)
    .where('time_num', '>', 0)
    .executeTakeFirstOrThrow()
  const between = await storage
    .selectFrom('msgs')
    .select('partition_tag')
    .where('time_num', '>', Number(first) + BLURRED)
    .where('time_num', '<', Number(latest.time_num) - BLURRED)
    .where('partition_tag', '!=', tag)
    .limit(1)
    .executeTakeFirst()
  return between && { tag: Number(tag), oldest: Number(first) * SECOND }
}

/** Seconds. Where one round ends, several amavisd may mix its tags, by their clocks and time zones. */
const BLURRED = DAY / SECOND

/** How many messages came since a time, and whether one of them is in the quarantine. */
export interface LatelyStored {
  /** At most `MOST_COUNTED`. */
  readonly messages: number
  /** Not of mail that was passed, of which a copy may be there, too. */
  readonly isOneHeld: boolean
}

/** @param since milliseconds since the epoch */
export async function latelyStored(storage: Storage, since: number): Promise<LatelyStored> {
  const from = Math.floor(since / SECOND)
  const held = await messagesWithRecipients(storage)
    .select('msgs.mail_id')
    .where('msgs.time_num', '>=', from)
    .where('msgs.quar_type', 'not in', NO_QUARANTINE)
    .where('msgrcpt.ds', '!=', 'P')
    .limit(1)
    .executeTakeFirst()
  const rows = await storage
    .selectFrom('msgs')
    .select('mail_id')
    .where('time_num', '>=', from)
    .where('content', 'is not', null)
    .limit(MOST_COUNTED)
    .execute()
  return { messages: rows.length, isOneHeld: held !== undefined }
}

/** By content code, how many messages were discarded since a time without a copy in the quarantine. */
export async function discardedWithoutCopy(
  storage: Storage,
  since: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await messagesWithRecipients(storage)
    .select(['msgrcpt.content', 'msgs.content as of_message'])
    .where('msgs.time_num', '>=', Math.floor(since / SECOND))
    .where('msgrcpt.ds', '=', 'D')
    .where('msgs.content', 'is not', null)
    .where(({ or, eb }) => or([eb('msgs.quar_type', 'is', null), eb('msgs.quar_type', 'in', NO_QUARANTINE)]))
    .limit(MOST_COUNTED)
    .execute()
  const codes = rows.map(({ content, of_message }) => content.trim() || (of_message ?? '').trim())
  return new Map([...Map.groupBy(codes, code => code)].map(([code, of]) => [code, of.length]))
}

/** MySQL returns a blank as ''. */
const NO_QUARANTINE = ['', ' ']

/** Of more it does not matter how many. */
export const MOST_COUNTED = 1000

/** How many of the first rows of a table have no row in `msgs`. */
export async function orphansIn(storage: Storage, table: 'msgrcpt' | 'quarantine'): Promise<number> {
  const sample = storage
    .selectFrom(table)
    .select(['partition_tag', 'mail_id'])
    // In the order of the primary key, in which a mail id is a number drawn by lot.
    .orderBy('partition_tag')
    .orderBy('mail_id')
    .limit(SAMPLE)
    .as('sample')
  const row = await storage
    .selectFrom(sample)
    .leftJoin('msgs', join =>
      join
        .onRef('msgs.partition_tag', '=', 'sample.partition_tag')
        .onRef('msgs.mail_id', '=', 'sample.mail_id'),
    )
    .select(({ fn }) => fn.countAll().as('orphans'))
    .where('msgs.mail_id', 'is', null)
    .executeTakeFirst()
  return Number(row?.orphans ?? 0)
}

/** Rows. They take about a tenth of a second. */
export const SAMPLE = 20_000

/** The latest messages in the SQL quarantine whose text is not complete there, by their mail ids. */
export async function messagesWithGaps(storage: Storage): Promise<readonly string[]> {
  const latest = await storage
    .selectFrom('msgs')
    .select(['partition_tag', 'mail_id'])
    .where('quar_type', '=', 'Q')
    .where('content', 'is not', null)
    .orderBy('time_num', 'desc')
    .limit(LATEST)
    .execute()
  if (latest.length === 0) return []
  const chunks = await storage
    .selectFrom('quarantine')
    .select(['partition_tag', 'mail_id'])
    .select(({ fn }) => [fn.countAll().as('chunks'), fn.max('chunk_ind').as('last')])
    .where('partition_tag', 'in', [...new Set(latest.map(row => row.partition_tag))])
    .where(
      'mail_id',
      'in',
      latest.map(row => row.mail_id),
    )
    .groupBy(['partition_tag', 'mail_id'])
    .execute()
  // Chunks are counted from 1.
  const whole = new Set(chunks.filter(row => Number(row.chunks) === Number(row.last)).map(keyOf))
  return latest.filter(row => !whole.has(keyOf(row))).map(row => textOf(row.mail_id))
}

/** Messages. A message of 64 MB has 4000 chunks; most have one. */
const LATEST = 200

const keyOf = (row: { readonly partition_tag: number; readonly mail_id: Octets }): string =>
  `${row.partition_tag} ${textOf(row.mail_id)}`
