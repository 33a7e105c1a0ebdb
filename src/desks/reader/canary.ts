import type { Logger } from 'pino'
import { recordAudit } from '../../ground/audit/record.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import { markFetched } from '../../work/clicks/machine-readers.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'
import { findLinkedDigest, type LinkDeps } from './linked-digest.ts'

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
