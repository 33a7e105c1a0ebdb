import { CodedError } from '../../ground/errors.ts'
import type { ReaderViewer } from '../../rules/reach/viewer.ts'
import { actorOf } from '../../rules/reach/visitor.ts'
import { type ButtonDeps, needsButton, refuseWithoutButton } from '../../work/clicks/press-button.ts'
import { type HeldRef, parseHeldRef } from '../../work/collect/held-ref.ts'
import { type Item, isShownBy, itemsOfMessage } from '../../work/collect/items.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'
import { type PageLanguage, pageLanguageOf } from '../../work/settings/read-settings.ts'
import type { Standards } from '../../work/settings/standards.ts'
import type { Visit } from './visit-by-link.ts'

export interface HeldByLinkDeps extends ButtonDeps {
  readonly standard: Standards
}

/** A held message that somebody opens from a page that a link led to. */
export interface HeldByLink {
  readonly viewer: ReaderViewer
  readonly item: Item
  readonly audience: PageLanguage
}

/**
 * Who came by a link to a message or a digest, as a viewer of one message of it and of no other.
 *
 * @throws CodedError HELD_UNKNOWN when the link does not name the message
 */
export async function heldByLink(
  { state, standard }: HeldByLinkDeps,
  { visitor, subject }: Pick<Visit<Item | ShownDigest>, 'visitor' | 'subject'>,
  ref: HeldRef,
  remoteAddress: string | null,
): Promise<HeldByLink> {
  const key = parseHeldRef(ref)
  const items = key?.rseqnum === undefined ? [] : await itemsOfMessage(state, key)
  const item = items.find(
    ({ rseqnum, ...of }) => rseqnum === key?.rseqnum && names(subject, { ...of, rseqnum }),
  )
  if (!item) throw new CodedError('HELD_UNKNOWN', 'This link does not lead to such a message.')
  return {
    viewer: {
      as: 'reader',
      visitor,
      actor: actorOf(visitor, remoteAddress),
      only: new Set([item.heldId]),
    },
    item,
    audience: await pageLanguageOf(state, subject.reader, standard),
  }
}

/** Whether a link to a message or a digest is a link to this item. */
function names(subject: Item | ShownDigest, item: Item): boolean {
  if ('itemId' in subject) return subject.itemId === item.itemId
  const { digestId, reader, copy } = subject
  return copy
    ? isShownBy(item, { reader, copyOf: copy.of })
    : item.reader === reader && item.digestId === digestId
}

/**
 * A machine that follows links may also send forms. Where one was seen to read the reader's digests, only the page's
 * button deletes.
 *
 * @throws CodedError CONFIRMATION_REQUIRED
 */
export async function requireButtonToDelete(
  deps: ButtonDeps,
  { viewer, item }: HeldByLink,
  pressed: boolean,
): Promise<void> {
  const { itemId, recipient, reader, mailAt } = item
  if (pressed || !(await needsButton(deps, viewer.visitor, reader, mailAt))) return
  await refuseWithoutButton(deps, { actor: viewer.actor, action: 'delete', itemId, recipient, reader })
}
