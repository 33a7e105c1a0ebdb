import { pino } from 'pino'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { textOf } from '../../src/ground/database/text.ts'
import { DAY, HOUR, MINUTE } from '../../src/ground/durations.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { PurgeDeps } from '../../src/work/purge/pass.ts'
import type { PurgeRequest } from '../../src/work/purge/purge.ts'
import { hold } from './held-mail.ts'

/** A purge after 30 days, in tiny batches and without rests. */
export const purgeDeps = (
  storage: Database<AmavisTables>,
  state: Database<StateTables>,
  changes: Partial<PurgeDeps> = {},
): PurgeDeps => ({
  storage,
  state,
  clock: Date.now,
  log: pino({ level: 'silent' }),
  retention: retentionOf(30 * DAY),
  lifetime: 14 * DAY,
  terms: { retention: retentionOf(30 * DAY), released: undefined, deleted: undefined },
  batch: 3,
  pause: 0,
  ...changes,
})

export const forReal = (): PurgeRequest => ({
  isDryRun: false,
  byClock: false,
  signal: new AbortController().signal,
})
export const byClock = (): PurgeRequest => ({ ...forReal(), byClock: true })
export const dryRun = (): PurgeRequest => ({ ...forReal(), isDryRun: true })

/**
 * Fills a quarantine with old and young mail, mail that amavisd did not finish, mail that it is at work on, leftovers of
 * another purger, and an address that no message names. The partition tags are those of two weeks.
 */
export async function fillQuarantine(storage: Database<AmavisTables>, now: number): Promise<void> {
  await storage.sql
    .insertInto('maddr')
    .values({ partition_tag: 7, email: 'unused@example.com', domain: 'com.example' } as never)
    .execute()
  const to = (recipient: string) => ({ recipient: `${recipient}@example.com` })
  const old = Array.from({ length: 8 }, (_, index) => ({
    ...to(`old${index % 3}`),
    mailId: `old-${index}`,
    partitionTag: index % 2 ? 7 : 8,
    receivedAt: now - 31 * DAY - index * HOUR,
    content: 'SVC'[index % 3] ?? 'S',
  }))
  await hold(
    storage,
    ...old,
    { ...to('second'), mailId: 'old-0', rseqnum: 2, partitionTag: 8, receivedAt: now - 31 * DAY },
    // Its clock was wrong.
    { ...to('timeless'), mailId: 'timeless', receivedAt: 0 },
    { ...to('lost'), mailId: 'lost', receivedAt: now - 2 * HOUR, messageContent: null },
    { ...to('lost'), mailId: 'lost-old', receivedAt: now - 40 * DAY, messageContent: null },
    { ...to('at-work'), mailId: 'at-work', receivedAt: now - 50 * MINUTE, messageContent: null },
    { ...to('orphan'), mailId: 'orphan', partitionTag: 8, receivedAt: now - 50 * DAY },
    { ...to('young'), mailId: 'young', partitionTag: 8, receivedAt: now - 29 * DAY },
    { ...to('young'), mailId: 'young-too', partitionTag: 9, receivedAt: now - 2 * HOUR },
  )
  await storage.sql.deleteFrom('msgs').where('mail_id', '=', 'orphan').execute()
  const chunk = (partition_tag: number, mail_id: string, chunk_ind: number) => ({
    partition_tag,
    mail_id,
    chunk_ind,
    mail_text: Buffer.from('Subject: held\n\n'),
  })
  await storage.sql
    .insertInto('quarantine')
    .values([
      ...[1, 2, 3].map(index => chunk(8, 'old-0', index)),
      chunk(7, 'old-1', 1),
      chunk(8, 'young', 1),
      chunk(8, 'young', 2),
      chunk(0, 'lost', 1),
      chunk(8, 'orphan-text', 1),
    ])
    .execute()
}

/** What is left in amavis's tables, by the keys of the rows. */
export async function remains({ sql }: Database<AmavisTables>) {
  const [msgs, msgrcpt, quarantine, maddr] = await Promise.all([
    sql.selectFrom('msgs').select(['partition_tag', 'mail_id']).execute(),
    sql.selectFrom('msgrcpt').select(['partition_tag', 'mail_id', 'rseqnum']).execute(),
    sql.selectFrom('quarantine').select(['partition_tag', 'mail_id', 'chunk_ind']).execute(),
    sql.selectFrom('maddr').select(['partition_tag', 'email']).execute(),
  ])
  return {
    msgs: msgs.map(row => `${row.partition_tag}/${textOf(row.mail_id)}`).sort(),
    msgrcpt: msgrcpt.map(row => `${row.partition_tag}/${textOf(row.mail_id)}/${row.rseqnum}`).sort(),
    quarantine: quarantine.map(row => `${row.partition_tag}/${textOf(row.mail_id)}/${row.chunk_ind}`).sort(),
    maddr: maddr.map(row => `${row.partition_tag}/${textOf(row.email)}`).sort(),
  }
}
