import { parseHeldRef } from '../../work/collect/held-ref.ts'
import type { HeldList, ListedHeld } from '../../work/quarantine/held-list.ts'
import type { OpenedHeld } from '../../work/reading/opened-held.ts'
import { heldReason } from './held-reason.ts'

/** By recipient. One is missing about whom the directory gives no answer now. */
type Readers = ReadonlyMap<string, readonly string[]>

/** A held message for one recipient, as commands and the API show it. Its sender wrote the texts. */
export function heldJson(held: ListedHeld, readersOf: Readers) {
  const { ref, recipient, kind, score, sender, from, subject, size, state, isRead, releasedBy } = held
  const key = parseHeldRef(ref)
  const readers = readersOf.get(recipient)
  return {
    ref,
    mailId: key?.mailId ?? '',
    partitionTag: key?.partitionTag ?? 0,
    recipient,
    /** The first of them. */
    reader: readers?.[0] ?? null,
    readers: readers ?? [],
    from: from || sender,
    sender,
    subject,
    time: iso(held.receivedAt),
    type: kind,
    score,
    reason: heldReason(held),
    size,
    state,
    read: isRead,
    releasedBy: releasedBy
      ? { reader: releasedBy.reader ?? null, admin: releasedBy.admin ?? null, at: iso(releasedBy.at) }
      : null,
  }
}

/** What a list looked through. */
export const windowJson = ({ window, lookedBackTo, isCut }: HeldList) => ({
  window: { from: iso(window.from), to: iso(window.to) },
  lookedBackTo: lookedBackTo === undefined ? null : iso(lookedBackTo),
  cut: isCut,
})

/**
 * An opened message: that of its first recipient, with what was read of it, and all recipients that the viewer sees.
 *
 * @throws TypeError for one without a recipient
 */
export function openedJson(opened: OpenedHeld, readersOf: Readers) {
  const { recipients, content, headerFrom, replyTo, alerts, rules, warnings, authentication } = opened
  const [first] = recipients
  if (!first) throw new TypeError('an opened message has no recipient')
  const isShown = content.is === 'shown'
  return {
    ...heldJson(first, readersOf),
    recipients: recipients.map(held => heldJson(held, readersOf)),
    headerFrom,
    replyTo,
    alerts,
    rules: rules.map(({ name, points }) => ({ name, points })),
    warnings: warnings.map(({ about, ...more }) => ({
      about,
      domain: null,
      like: null,
      address: null,
      ...more,
    })),
    authentication: authentication.map(({ method, result }) => ({ method, result })),
    text: isShown ? content.text : null,
    textCut: isShown && content.isTextCut,
    html: isShown && content.hasHtml,
    notShown: isShown ? null : content.why,
    attachments: isShown
      ? content.attachments.map(({ index, name, type, sniffedType, size, sha256 }) => ({
          ...{ index, name, type, size, sha256 },
          sniffedType: sniffedType ?? null,
        }))
      : [],
  }
}

const iso = (time: number): string => new Date(time).toISOString()
