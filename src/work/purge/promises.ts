import type { MessageKey } from '../../ground/amavis/messages-of-sender.ts'
import { byPartition, messageKeyOf, type OldMessage } from '../../ground/amavis/purge/old-messages.ts'
import { keptUntil, type Retention } from '../../ground/amavis/retention.ts'
import type { Database } from '../../ground/database/database.ts'
import { releasableUntil } from '../../ground/links/urls.ts'
import { heldIdOfItem } from '../../ground/state/item-and-release.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ReleaseState } from '../../ground/state/states.ts'
import { itemOf } from '../collect/items.ts'

export interface PromiseDeps {
  readonly state: Database<StateTables>
  /** What digests and links promise, even if a purge by hand is to delete younger mail. */
  readonly retention: Retention
  /** The lifetime of a link, in milliseconds. */
  readonly lifetime: number
}

/**
 * Until when our own tables promise messages to readers, by `messageKeyOf`, in milliseconds since the epoch: what a
 * link in a mail can still release, what waits for a digest, and what is just being released. Others are missing.
 *
 * @param messages at most a few hundred
 */
export async function promisesOf(
  deps: PromiseDeps,
  messages: readonly OldMessage[],
): Promise<Map<string, number>> {
  const byKey = new Map(messages.map(message => [messageKeyOf(message), message]))
  const promises = new Map<string, number>()
  for (const row of await itemsOf(deps.state, messages)) {
    const item = itemOf(row)
    const key = messageKeyOf(item)
    const message = byKey.get(key)
    // The key comes back after a year where the partition tag is the week.
    if (!message || message.timeNum !== item.timeNum) continue
    promises.set(key, Math.max(promises.get(key) ?? 0, promiseOf(deps, row, message)))
  }
  return promises
}

type ItemRow = Awaited<ReturnType<typeof itemsOf>>[number]

async function itemsOf({ sql }: Database<StateTables>, messages: readonly MessageKey[]) {
  const found = []
  for (const { partitionTag, mailIds } of byPartition(messages)) {
    found.push(
      ...(await sql
        .selectFrom('digest_item')
        .leftJoin('digest_digest', 'digest_digest.digest_id', 'digest_item.digest_id')
        .leftJoin('digest_release', join => join.on('digest_release.item_id', '=', heldIdOfItem()))
        .selectAll('digest_item')
        .select(['digest_digest.created_at as listed_at', 'digest_release.state as release'])
        .select('digest_release.requested_at')
        .where('digest_item.partition_tag', '=', partitionTag)
        .where('digest_item.mail_id', 'in', mailIds)
        .execute()),
    )
  }
  return found
}

/** It was released to the recipient or is marked for deletion: its link can do nothing any more. */
const isSettled = ({ recipients }: OldMessage, rseqnum: number): boolean =>
  recipients.some(recipient => recipient.rseqnum === rseqnum && ['R', 'D'].includes(recipient.rs))

function promiseOf({ retention, lifetime }: PromiseDeps, row: ItemRow, message: OldMessage): number {
  const item = itemOf(row)
  const release: ReleaseState | null = row.release
  switch (release) {
    case 'released':
      return 0
    case 'releasing':
    case 'queued':
      return Number.POSITIVE_INFINITY
    case 'uncertain':
      // Its reader was told to look for a copy, and to ask again if none has come.
      return Math.max(byLink(), Number(row.requested_at) + lifetime)
    case 'failed':
    case null:
      return byLink()
  }

  function byLink(): number {
    if (isSettled(message, item.rseqnum)) return 0
    const byConfiguration =
      row.listed_at === null
        ? keptUntil(retention, item)
        : releasableUntil({ lifetime, retention }, item, Number(row.listed_at))
    // What stands in a mail that is out, whatever the configuration says now.
    return Math.max(byConfiguration, item.promisedUntil ?? 0)
  }
}
