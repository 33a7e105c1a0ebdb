import { parseHeldRef } from '../../work/collect/held-ref.ts'
import type { DecisionOutcome } from '../../work/requests/request.ts'
import { heldReason } from '../quarantine/held-reason.ts'
import type { RequestWithMail } from './request-desk.ts'

/** A request, as commands and the API show it. Senders and admins wrote the texts. */
export function requestJson({ request, mail }: RequestWithMail) {
  const key = parseHeldRef(request.ref)
  return {
    id: request.id,
    ref: request.ref,
    mailId: key?.mailId ?? '',
    partitionTag: key?.partitionTag ?? 0,
    recipient: request.recipient,
    /** Who asked first. */
    reader: request.readers[0] ?? null,
    readers: [...request.readers],
    state: request.state,
    type: request.kind,
    time: iso(request.receivedAt),
    askedAt: iso(request.askedAt),
    expiresAt: iso(request.expiresAt),
    firstApprovalBy: request.first?.by ?? null,
    decidedBy: request.decided?.by ?? null,
    decidedAt: request.decided ? iso(request.decided.at) : null,
    note: request.note ?? null,
    mail: mail
      ? {
          from: mail.from || mail.sender,
          sender: mail.sender,
          subject: mail.subject,
          score: mail.score,
          reason: heldReason(mail),
          size: mail.size,
        }
      : null,
  }
}

/** What became of a decision. */
export const decisionJson = ({ request, decision, release }: DecisionOutcome) => ({
  id: request.id,
  state: request.state,
  decision,
  // Who decides asks nobody.
  release: release && release.status !== 'requested' ? { status: release.status, code: release.code } : null,
})

const iso = (time: number): string => new Date(time).toISOString()
