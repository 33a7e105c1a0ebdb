import type { ByHand } from '../../../../desks/admin/stuck/by-hand.ts'
import type { Did } from '../../../../desks/admin/stuck/target.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Done } from './admin-pages.ts'

/**
 * The notice to show after something was retried or given up.
 *
 * @throws CodedError if amavisd refused the release
 */
export function doneNotice([outcome]: readonly ByHand[]): Done {
  if (outcome?.did === 'failed') {
    throw new CodedError(
      outcome.code ?? 'AMAVISD_REFUSED',
      'The message was not released. The Releases page shows the reply.',
    )
  }
  return outcome ? DONE[outcome.did] : 'nothing'
}

const DONE = {
  due: 'retried',
  'in-hand': 'nothing',
  over: 'nothing',
  'sent-anew': 'sent',
  'made-anew': 'queued',
  'nothing-waits': 'nothing',
  released: 'released',
  'released-again': 'released',
  queued: 'queued',
  dropped: 'dropped',
} as const satisfies Record<Exclude<Did, 'failed'>, Done>
