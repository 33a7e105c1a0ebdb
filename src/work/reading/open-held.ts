import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { changeStatus } from '../../ground/amavis/quarantine/recipient-status.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { sameAddress } from '../../ground/display/address-look.ts'
import { type Mailbox, readMailboxes } from '../../ground/display/mailboxes.ts'
import type { MessageContent } from '../../ground/message/read-message.ts'
import { isHelpDesk, type ReaderViewer, type Viewer } from '../../rules/reach/viewer.ts'
import { warningsOf } from '../../rules/warnings/warnings-of.ts'
import { needsButton } from '../clicks/press-button.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import { heldFor } from '../quarantine/held-for.ts'
import { listedHeld } from '../quarantine/listed-held.ts'
import { type HeldOctets, heldOctets, type ReadingDeps } from './held-octets.ts'
import type { NotShown, OpenedHeld } from './opened-held.ts'

/**
 * Opens a held message to read it. What is known of it is shown even if its text is gone, too large or damaged. Once a
 * reader has opened it, `msgrcpt.rs` says so (V), where nobody had written anything; the look of an admin
 * or of the help desk leaves no trace there, nor does one that may be a machine's.
 *
 * @param isLook whether the request may come from a person
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH
 */
export async function openHeld(
  deps: ReadingDeps,
  viewer: Viewer,
  ref: HeldRef,
  { isLook }: { readonly isLook: boolean },
): Promise<OpenedHeld> {
  const rows = await heldFor(deps, viewer, ref)
  const [recipients, { findings, read }] = await Promise.all([
    listedHeld(deps, viewer, rows),
    deps.turns.run(() => readMessage(deps, viewer, rows)),
  ])
  if (isLook && viewer.as === 'reader' && !isHelpDesk(viewer)) await markViewed(deps, viewer, rows)
  return {
    recipients,
    ...senderOf(rows, viewer, 'from' in read ? read : undefined),
    alerts: findings?.alerts ?? [],
    rules: findings?.rules ?? [],
    authentication: findings?.authentication ?? [],
    content: 'from' in read ? shown(read) : { is: 'not-shown', why: read.why },
  }
}

async function readMessage(
  deps: ReadingDeps,
  viewer: Viewer,
  rows: readonly HeldRow[],
): Promise<{
  readonly findings: HeldOctets['findings']
  readonly read: MessageContent | { readonly why: NotShown }
}> {
  const { findings, message } = await heldOctets(deps, viewer, rows)
  if (message.is !== 'whole') return { findings, read: message }
  const content = await deps.messages.content(message.octets.subarray(message.messageAt))
  return { findings, read: content.is === 'read' ? content.value : { why: content.is } }
}

const shown = ({ text, isTextCut, hasHtml, attachments }: MessageContent): OpenedHeld['content'] => ({
  is: 'shown',
  text,
  isTextCut,
  hasHtml,
  attachments,
})

/** A header that could not be read leaves what amavisd stored of its From. */
function senderOf(
  rows: readonly HeldRow[],
  viewer: Viewer,
  header: Pick<MessageContent, 'from' | 'replyTo'> | undefined,
): Pick<OpenedHeld, 'headerFrom' | 'replyTo' | 'warnings'> {
  const sender = rows[0]?.sender ?? ''
  const from = header?.from || (rows[0]?.from ?? '')
  const mailboxes = readMailboxes(from, sender)
  const replyTo = elsewhere(header?.replyTo ?? '', mailboxes)
  const [mailbox] = mailboxes
  const repeats =
    mailboxes.length === 1 && mailbox?.name.trim() === '' && sameAddress(mailbox.address, sender)
  const isOriginating = rows.some(row => row.isOriginating)
  const ownDomains = ownDomainsOf(rows, viewer)
  return {
    headerFrom: repeats ? '' : from,
    replyTo,
    warnings: warningsOf({ from, replyTo, sender, isOriginating, ownDomains }),
  }
}

/** A Reply-To field; empty where each of its addresses is one of From's. */
function elsewhere(replyTo: string, from: readonly Mailbox[]): string {
  const mailboxes = readMailboxes(replyTo, from[0]?.address ?? '')
  const repeats = mailboxes.every(({ address }) => from.some(own => sameAddress(own.address, address)))
  return mailboxes.length > 0 && repeats ? '' : replyTo
}

/** The domains that the viewer would take for their own: the recipients' and the reader's. */
function ownDomainsOf(rows: readonly HeldRow[], viewer: Viewer): string[] {
  const own = viewer.as === 'reader' ? [viewer.visitor.reader] : []
  const addresses = [...own, ...rows.map(row => readerAddress(row.recipient) ?? '')]
  return [...new Set(addresses.map(domainOf))].filter(domain => domain !== '')
}

/**
 * Where a machine was seen to read the reader's digests, a link may have been followed by it. A database that cannot be
 * written to is no reason not to show a message.
 */
async function markViewed(
  deps: ReadingDeps,
  { visitor }: ReaderViewer,
  rows: readonly HeldRow[],
): Promise<void> {
  try {
    for (const row of rows) {
      if (row.rs !== '' || (await needsButton(deps, visitor, visitor.reader, row.mailAt))) continue
      await changeStatus(deps.storage, row, '', 'V')
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'a message that was opened could not be marked as viewed')
  }
}
