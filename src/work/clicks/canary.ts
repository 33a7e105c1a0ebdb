import type { Logger } from 'pino'
import { findLinkedDigest, type LinkDeps } from '../../desks/reader/linked-digest.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ShownDigest } from '../digest/show/view-of.ts'

export interface CanaryDeps extends LinkDeps {
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Opens the link of a digest that no human sees. Whatever fetches it reads the mail in its reader's stead, and perhaps
 * follows other links too: from now on none of them releases without the button.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
 */
export async function openCanary(
  deps: CanaryDeps,
  token: string,
  remoteAddress: string | null,
): Promise<ShownDigest> {
  const digest = await findLinkedDigest(deps, token, 'canary')
  const now = deps.clock()
  if (!(await markFetched(deps.state, digest.digestId, now))) return digest
  deps.meter.machineSeen()
  const { digestId, reader } = digest
  deps.log.info({ digest: digestId, reader }, 'a machine reads this digest: its links need the button now')
  const entry = {
    actor: { kind: 'program', name: 'canary', remoteAddress },
    action: 'machine-seen',
    recipient: reader,
    digestId,
    outcome: 'button',
    detail: `digest ${digestId}`,
  } as const
  await recordAudit(deps.state, entry, now)
  return digest
}

/**
 * Whether a machine was seen to read any digest that was made for a reader since a message came: one of them has
 * listed it, and the machine that reads one of them reads the others too.
 */
export async function isReadByMachine(
  state: Pick<Database<StateTables>, 'sql'>,
  reader: string,
  since: number,
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('reader', '=', reader)
    .where('created_at', '>=', since)
    .where('canary_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** @returns whether it is the first time */
async function markFetched(state: Database<StateTables>, digestId: string, now: number): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_digest')
    .set({ canary_at: now })
    .where('digest_id', '=', digestId)
    .where('canary_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
