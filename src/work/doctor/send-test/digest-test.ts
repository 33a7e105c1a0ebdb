import type { HeldMailRow } from '../../../ground/amavis/held-mail-between.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { type Finding, fail, ok } from '../../../ground/health/check.ts'
import { newId } from '../../../ground/state/id.ts'
import type { DigestTable } from '../../../ground/state/state-tables.ts'
import { type Item, itemFrom, itemOf } from '../../collect/items.ts'
import { digestRow } from '../../digest/make/digest-row.ts'
import { claimRun, finishRun } from '../../digest/make/runs.ts'
import { deliver } from '../../digest/send/deliver.ts'
import { HELD_BACK_FOR } from '../../digest/send/hold-back.ts'
import { readerSettings } from '../../settings/read-settings.ts'
import { poll } from './poll.ts'
import type { SendTestDeps } from './send-test-deps.ts'

export interface DigestTested {
  readonly finding: Finding
  /** The test mail as an item; undefined when its digest did not go out. */
  readonly item: Item | undefined
}

interface DigestTestRequest {
  readonly row: HeldMailRow
  readonly reader: string
  /** Milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal
}

/**
 * Makes a digest of the test mail alone, and sends it as every digest is sent. Another process may be quicker. The item
 * and its digest are written together, so that no other digest takes the item.
 */
export async function digestTest(
  deps: SendTestDeps,
  { row, reader, patience, signal }: DigestTestRequest,
): Promise<DigestTested> {
  const { state } = deps.delivery()
  const item = itemFrom(row, reader, deps.clock())
  const digestId = await writeDigest(deps, item.item_id, row, reader)
  await deliver(deps.delivery(), { dueAt: deps.clock(), digestIds: [digestId], signal })
  const look = async () => {
    const digest = await state.sql
      .selectFrom('digest_digest')
      .selectAll()
      .where('digest_id', '=', digestId)
      .executeTakeFirst()
    const isUndecided = digest?.state === 'pending' && (digest.reply === null || digest.lease_owner !== null)
    return isUndecided ? undefined : digest
  }
  const digest = await poll(look, patience, signal)
  return digest?.state === 'sent'
    ? {
        item: itemOf({ ...item, digest_id: digestId }),
        finding: ok(`digest accepted: ${digest.reply ?? ''}`),
      }
    : { item: undefined, finding: notSent(digest) }
}

async function writeDigest(
  deps: SendTestDeps,
  itemId: string,
  row: HeldMailRow,
  reader: string,
): Promise<string> {
  const { state, owner, lease } = deps.delivery()
  const now = deps.clock()
  const settings = await readerSettings(state, reader, deps.standard)
  const runId = await claimRun(state, { schedule: undefined, dueAt: now }, { owner, until: now + lease }, now)
  const digest = digestRow(
    { runId: runId ?? newId(now), batchId: newId(now) },
    {
      reader,
      settings,
      deliverTo: settings.deliverTo ?? row.recipient,
      messages: 1,
      sendAt: now,
      isAskedFor: true,
    },
    now,
  )
  await inTransaction(state, async transaction => {
    await transaction.insertInto('digest_digest').values(digest).execute()
    const item = { ...itemFrom(row, reader, now), digest_id: digest.digest_id }
    await transaction.deleteFrom('digest_item').where('item_id', '=', itemId).execute()
    await transaction.insertInto('digest_item').values(item).execute()
  })
  if (runId !== undefined) await finishRun(state, runId, owner, now)
  return digest.digest_id
}

function notSent(digest: Pick<DigestTable, 'state' | 'reply'> | undefined): Finding {
  const reply = digest?.reply ?? 'no answer in time'
  if (digest?.state === 'empty')
    return fail(
      `No digest: it was withheld (${reply}).`,
      'amavis-digest recipients show ADDRESS tells why this reader gets none.',
    )
  if (reply.startsWith(HELD_BACK_FOR))
    return fail(`No digest: ${reply}`, 'See release.reachable above: amavisd has to answer first.')
  return fail(
    `Digest lost: the SMTP server did not accept it: ${reply}`,
    'See smtp.reachable above, and the log of the mail server of smtp.url.',
  )
}
