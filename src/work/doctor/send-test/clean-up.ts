import type { Transaction } from 'kysely'
import { markDeleted } from '../../../ground/amavis/release-handle.ts'
import { scannedMessages } from '../../../ground/amavis/scanned-messages.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import type { SendTestDeps } from './send-test-deps.ts'

/**
 * Leaves nothing of the test with which work goes on: no item for digests, no release to repeat, no digest to send again.
 * What is still held of it counts as deleted in amavis's tables. The audit and the row of the digest stay.
 */
export async function cleanUp(deps: SendTestDeps, messageId: string): Promise<void> {
  const scanned = await scannedMessages(deps.storage, [messageId])
  for (const message of scanned) if (message.isWaiting) await markDeleted(deps.storage, message)
  if (scanned.length === 0) return
  const heldIds = scanned.map(heldIdOf)
  await inTransaction(deps.releases.state, transaction => forget(transaction, heldIds, deps.clock()))
}

async function forget(
  transaction: Transaction<StateTables>,
  heldIds: readonly string[],
  now: number,
): Promise<void> {
  const digests = transaction
    .selectFrom('digest_item')
    .select('digest_id')
    .where('item_id', 'in', heldIds)
    .where('digest_id', 'is not', null)
  await transaction
    .updateTable('digest_digest')
    .set({
      state: 'failed',
      reply: 'given up: it was a test',
      finished_at: now,
      lease_owner: null,
      lease_until: null,
    })
    .where('state', '=', 'pending')
    .where('digest_id', 'in', digests)
    .execute()
  await transaction.deleteFrom('digest_release').where('item_id', 'in', heldIds).execute()
  await transaction.deleteFrom('digest_item').where('item_id', 'in', heldIds).execute()
}
