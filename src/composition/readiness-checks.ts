import { requireRights } from '../ground/amavis/check-storage.ts'
import { requirePurgeRights } from '../ground/amavis/purge/purge-rights.ts'
import { CodedError } from '../ground/errors.ts'
import { type Check, proof } from '../ground/health/check.ts'
import type { Queue } from '../ground/queue/queue.ts'
import { checkState } from '../ground/state/check-state.ts'
import { requireRendered } from '../work/digest/send/unrendered.ts'
import type { Databases } from './databases-of.ts'
import type { LostKeys } from './lost-keys.ts'

export interface ReadinessDeps extends Databases {
  readonly queue: () => Promise<Queue>
  readonly lostKeys: Pick<LostKeys, 'requireNone'>
  /** `purge.enabled` of the configuration. */
  readonly purges: boolean
}

/** What /readyz and doctor both look at. Each is quick and cheap: anybody may ask /readyz. */
export interface ReadinessChecks {
  readonly storage: Check
  readonly state: Check
  readonly queue: Check
  readonly keys: Check
  readonly sending: Check
}

export const readinessChecks = ({
  storage,
  state,
  queue,
  lostKeys,
  purges,
}: ReadinessDeps): ReadinessChecks => ({
  storage: proof(
    'storage.grants',
    async () => {
      await requireRights(storage.sql)
      if (purges) await requirePurgeRights(storage.sql)
    },
    `its user may read the tables and set msgrcpt.rs${purges ? ', and delete old mail' : ''}`,
    ['storage.reachable'],
  ),
  state: proof('state.tables', () => checkState(state), 'they are migrated, and their user may change them', [
    'state.reachable',
  ]),
  queue: proof('queue.reachable', async () => (await queue()).depth('digest'), 'the queue of work answers'),
  keys: proof(
    'keys.lost',
    () => lostKeys.requireNone(),
    'the keys of links in mails already sent are there',
    ['keys.file', 'state.tables'],
  ),
  sending: proof(
    'digests.rendered',
    () => ignoringOthers(requireRendered(state)),
    'no digest waits because its templates cannot be used',
    ['state.tables'],
  ),
})

/** A database that gives no answer is a reason of its own. */
async function ignoringOthers(check: Promise<void>): Promise<void> {
  await check.catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'TEMPLATE_INVALID') throw error
  })
}
