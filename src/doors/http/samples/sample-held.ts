import { type Policies, policiesOf } from '../../../rules/policy/policy.ts'
import { heldRefOf } from '../../../work/collect/held-ref.ts'
import { SAMPLE_MAIL as mail } from '../../../work/digest/show/sample-view.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'

/** A held message for one recipient, to try the templates of the quarantine with. */
export const SAMPLE_HELD: ListedHeld = {
  ref: heldRefOf(mail),
  heldId: 'sample',
  recipient: mail.recipient,
  kind: mail.kind,
  because: mail.because,
  score: mail.score,
  sender: mail.sender,
  from: mail.from,
  subject: mail.subject,
  size: mail.size,
  receivedAt: mail.receivedAt,
  state: 'held',
  isRead: true,
  mayRestore: false,
  releasedBy: undefined,
  request: undefined,
}

/** Policies of which each answer is there. */
export const SAMPLE_POLICIES: Policies = policiesOf({
  spam: 'release',
  badHeader: 'release',
  banned: 'confirm',
  unchecked: 'confirm',
  virus: 'never',
  oversized: 'release',
  other: 'request',
})
