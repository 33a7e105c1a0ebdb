import type { MessageKey } from '../../ground/amavis/messages-of-sender.ts'
import {
  type Address,
  addressesAfter,
  isAtWorkOnMailBefore,
  putBack,
} from '../../ground/amavis/purge/addresses.ts'
import type { PartsTable } from '../../ground/amavis/purge/delete-messages.ts'
import { partsAfter } from '../../ground/amavis/purge/orphans.ts'
import { rest, thenRest } from '../../ground/concurrency/then-rest.ts'
import { SECOND } from '../../ground/durations.ts'
import { goesOn, type Pass } from './pass.ts'

/** Deletes rows that belong to no message, as another purger or a crash leaves them. */
export async function purgeOrphans(pass: Pass, table: PartsTable): Promise<void> {
  let after: MessageKey | undefined
  while (await goesOn(pass)) {
    after = await thenRest(pass, async () => {
      const { orphans, last } = await partsAfter(pass.storage.sql, table, after, LOOKED_AT)
      if (orphans.length > 0) pass.found[table] += await pass.hand.orphans(table, orphans)
      return last
    })
    if (after === undefined) return
  }
}

/** How many messages or addresses are looked at by one statement. */
const LOOKED_AT = 1000

/**
 * Deletes addresses that no message names.
 *
 * amavisd looks an address up when a message comes, and names it in `msgrcpt` when it has finished, up to minutes
 * later. An address that is deleted in between is put back.
 *
 * @param highest the highest id of an address when the pass began
 */
export async function purgeAddresses(pass: Pass, highest: number | undefined): Promise<void> {
  if (highest === undefined) return
  let deleted: Address[] = []
  let after: number | undefined = 0
  while (after !== undefined && (await goesOn(pass))) {
    const from: number = after
    after = await thenRest(pass, async () => {
      const page = await addressesAfter(pass.storage.sql, from, highest, LOOKED_AT)
      pass.found.maddr += await pass.hand.addresses(page)
      deleted.push(...page.unused)
      return page.last
    })
    if (deleted.length < MOST_REMEMBERED) continue
    await putBackNamed(pass, deleted)
    deleted = []
  }
  await putBackNamed(pass, deleted)
}

const MOST_REMEMBERED = 50_000

async function putBackNamed(pass: Pass, deleted: readonly Address[]): Promise<void> {
  if (!pass.hand.isDeleting || deleted.length === 0) return
  await untilAmavisdHasFinished(pass)
  const { back, taken } = await putBack(pass.storage, deleted)
  pass.found.maddr -= back
  if (back > 0) pass.log.info({ addresses: back }, 'addresses put back that new mail names after all')
  if (taken > 0) pass.log.warn({ addresses: taken }, TAKEN)
}

const TAKEN =
  'addresses that new mail names by a deleted id, and other new mail by a new one: no digest lists the former'

/** Waits for the messages that amavisd is at work on now. A pass that is stopped does not wait. */
async function untilAmavisdHasFinished({ storage, clock, lease, signal, byClock, log }: Pass): Promise<void> {
  const since = clock()
  const patience = byClock ? Number.POSITIVE_INFINITY : PATIENCE_BY_HAND
  while (!signal.aborted && (await isAtWorkOnMailBefore(storage.sql, since, clock()))) {
    if (clock() - since >= patience) {
      log.warn(STILL_AT_WORK)
      return
    }
    await lease?.renew()
    await rest(SECOND / 2, signal)
  }
}

/** Somebody waits for the command. amavisd takes a few seconds for a message, as a rule; the service waits for all. */
const PATIENCE_BY_HAND = 20 * SECOND

const STILL_AT_WORK =
  'amavisd is still at work on a message; if it names an address that was deleted just now, no digest lists it'
