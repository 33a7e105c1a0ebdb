import type { ByHand } from '../../../../desks/admin/stuck/by-hand.ts'
import type { Did } from '../../../../desks/admin/stuck/target.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Done } from './admin-pages.ts'

/**
 * What a page says after something was tried again or given up.
 * @throws CodedError what amavisd has said against it
 */
export function doneByHand([one]: readonly ByHand[]): Done {
  if (one?.did === 'failed') {
    throw new CodedError(
      one.code ?? 'AMAVISD_REFUSED',
      'It was not released. The page of releases shows the reply.',
    )
  }
  return one ? DONE[one.did] : 'nothing'
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
