import { textOf } from '../../src/ground/database/text.ts'
import { askedItemOfRelease, heldIdOfItem } from '../../src/ground/state/item-and-release.ts'
import type { HeldRow, Tables } from './ledger.ts'
import type { ChaosWorld } from './world.ts'

/** Reads the tables. @param leases the original ends of the leases that were ended early, by release */
export async function readTables(
  { storage, state }: Pick<ChaosWorld, 'storage' | 'state'>,
  leases: ReadonlyMap<string, number>,
): Promise<Tables> {
  const held = await storage.sql
    .selectFrom('msgrcpt')
    .innerJoin('msgs', join =>
      join
        .onRef('msgs.partition_tag', '=', 'msgrcpt.partition_tag')
        .onRef('msgs.mail_id', '=', 'msgrcpt.mail_id'),
    )
    .innerJoin('maddr', 'maddr.id', 'msgrcpt.rid')
    .select(['msgs.mail_id', 'msgrcpt.rseqnum', 'msgs.subject', 'maddr.email'])
    .where('msgs.content', 'is not', null)
    .execute()
  const mails = new Map<string, HeldRow>(
    held.map(row => [
      `${textOf(row.mail_id)}/${row.rseqnum}`,
      { subject: textOf(row.subject) ?? '', recipient: textOf(row.email) },
    ]),
  )
  const releases = await state.sql
    .selectFrom('digest_release')
    .innerJoin('digest_item', join => join.on('digest_item.item_id', '=', askedItemOfRelease()))
    .select(['digest_item.mail_id', 'digest_item.rseqnum', 'digest_release.item_id', 'digest_release.state'])
    .select(['digest_release.requested_at', 'digest_release.lease_until'])
    .select(['digest_release.code', 'digest_release.reply'])
    .execute()
  const digests = await state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'reader', 'state'])
    .execute()
  const runs = await state.sql
    .selectFrom('digest_run')
    .select(['run_id', 'schedule', 'due_at', 'finished_at'])
    .execute()
  return {
    held: [...mails.values()],
    digests: digests.map(row => ({ digestId: row.digest_id, reader: row.reader, state: row.state })),
    releases: releases.map(row => ({
      ...(mails.get(`${row.mail_id}/${row.rseqnum}`) ?? { subject: '', recipient: '' }),
      heldId: row.item_id,
      state: row.state,
      requestedAt: Number(row.requested_at),
      leaseUntil: leases.get(row.item_id) ?? Number(row.lease_until),
      code: row.code,
      reply: row.reply,
    })),
    runs: runs.map(row => ({
      runId: row.run_id,
      schedule: row.schedule,
      dueAt: Number(row.due_at),
      finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    })),
  }
}

/** Describes the work that is left, with the runs that were due before `now`; undefined when there is none. */
export async function remainingWork(
  { storage, state }: Pick<ChaosWorld, 'storage' | 'state'>,
  now: number,
): Promise<string | undefined> {
  const count = async (rows: Promise<unknown[]>) => (await rows).length
  const held = await count(
    storage.sql
      .selectFrom('msgrcpt')
      .innerJoin('msgs', join =>
        join
          .onRef('msgs.partition_tag', '=', 'msgrcpt.partition_tag')
          .onRef('msgs.mail_id', '=', 'msgrcpt.mail_id'),
      )
      .select('msgrcpt.rseqnum')
      .where('msgs.content', 'is not', null)
      .execute(),
  )
  const items = await state.sql
    .selectFrom('digest_item')
    .select(['digest_id', heldIdOfItem().as('held')])
    .execute()
  const collected = new Set(items.map(item => item.held)).size
  const waiting = items.filter(item => item.digest_id === null).length
  const digests = await count(
    state.sql.selectFrom('digest_digest').select('digest_id').where('state', '=', 'pending').execute(),
  )
  const releases = await count(
    state.sql
      .selectFrom('digest_release')
      .select('item_id')
      .where('state', 'in', ['releasing', 'queued'])
      .execute(),
  )
  const runs = await count(
    state.sql
      .selectFrom('digest_run')
      .select('run_id')
      .where('schedule', 'is not', null)
      .where('due_at', '<', now)
      .where('finished_at', 'is', null)
      .execute(),
  )
  const parts = [
    ...(collected < held ? [`${held - collected} messages not collected`] : []),
    ...(waiting > 0 ? [`${waiting} items in no digest`] : []),
    ...(digests > 0 ? [`${digests} digests to send`] : []),
    ...(releases > 0 ? [`${releases} releases open`] : []),
    ...(runs > 0 ? [`${runs} runs not finished`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : undefined
}
