import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import { CodedError } from '../../ground/errors.ts'
import { headersText } from '../../ground/message/headers-text.ts'
import type { Read } from '../../ground/message/message-reader.ts'
import type { AttachedFile } from '../../ground/message/read-message.ts'
import { reachesAll } from '../../rules/reach/reach.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import { heldFor } from '../quarantine/held-for.ts'
import { type HeldOctets, heldOctets, type ReadingDeps } from './held-octets.ts'
import type { NotShown } from './opened-held.ts'

/**
 * A message's HTML as a document that loads and does nothing.
 *
 * @throws CodedError HELD_UNKNOWN; OUT_OF_REACH for a virus or a mail of ours; MESSAGE_GONE where there is none to show
 */
export async function htmlOf(deps: ReadingDeps, viewer: Viewer, ref: HeldRef): Promise<string> {
  const rows = await heldFor(deps, viewer, ref)
  return withMessage(deps, viewer, rows, async ({ octets, messageAt }) =>
    valueIn(await deps.messages.html(octets.subarray(messageAt))),
  )
}

/**
 * The headers of a message as text. A reader, where the configuration allows it, and an admin of some domains see those
 * from its sender on: those that amavisd put above name all recipients.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, MESSAGE_GONE
 */
export async function headersOf(deps: ReadingDeps, viewer: Viewer, ref: HeldRef): Promise<string> {
  const rows = await heldFor(deps, viewer, ref, viewer.as === 'admin' ? 'download' : 'read')
  if (viewer.as === 'reader' && !deps.readersSeeHeaders) throw outOfReach()
  const isWhole = viewer.as === 'admin' && reachesAll(viewer.reach)
  return withMessage(deps, viewer, rows, ({ octets, messageAt }) =>
    headersText(octets, isWhole ? 0 : messageAt),
  )
}

/**
 * The whole message as its sender sent it, for an admin. Files are passed on to others, so it has no head of amavisd's,
 * which names recipients of Bcc: that is among the headers.
 *
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, MESSAGE_GONE
 */
export async function sourceOf(deps: ReadingDeps, viewer: Viewer, ref: HeldRef): Promise<Buffer> {
  const rows = await heldFor(deps, viewer, ref, 'download')
  return withMessage(deps, viewer, rows, ({ octets, messageAt }) =>
    Buffer.from(octets.buffer).subarray(messageAt),
  )
}

/**
 * One attachment, for an admin. Its transfer encoding is undone, and nothing is unpacked.
 *
 * @param index its place among the attachments, from 0
 * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, MESSAGE_GONE
 */
export async function attachmentOf(
  deps: ReadingDeps,
  viewer: Viewer,
  ref: HeldRef,
  index: number,
): Promise<{ readonly name: string; readonly content: Buffer }> {
  const rows = await heldFor(deps, viewer, ref, 'download')
  const { name, content } = await withMessage(deps, viewer, rows, async ({ octets, messageAt }) =>
    valueIn<AttachedFile>(await deps.messages.attachment(octets.subarray(messageAt), index)),
  )
  return { name, content: Buffer.from(content.buffer, content.byteOffset, content.byteLength) }
}

type WholeMessage = Extract<HeldOctets['message'], { is: 'whole' }>

const withMessage = <Value>(
  deps: ReadingDeps,
  viewer: Viewer,
  rows: readonly HeldRow[],
  use: (message: WholeMessage) => Value | Promise<Value>,
): Promise<Value> =>
  deps.turns.run(async () => {
    const { message } = await heldOctets(deps, viewer, rows)
    if (message.is === 'whole') return use(message)
    throw message.why === 'virus' || message.why === 'own' ? outOfReach() : gone(message.why)
  })

function valueIn<Value>(read: Read<Value | undefined>): Value {
  if (read.is !== 'read') throw gone(read.is)
  if (read.value !== undefined) return read.value
  throw new CodedError('MESSAGE_GONE', 'The message has no such part. Go back to the message.')
}

const outOfReach = () => new CodedError('OUT_OF_REACH', 'You have no right to see this part of the message.')

/** Why nobody can read it, whatever their rights. */
type Unreadable = Exclude<NotShown, 'virus' | 'own'>

const gone = (why: Unreadable) => new CodedError('MESSAGE_GONE', REASONS[why])

const REASONS: Readonly<Record<Unreadable, string>> = {
  'too-large': 'The message is too large to be read here. Release it, or look at it on the mail server.',
  damaged: 'Parts of the message are missing from the quarantine, or it cannot be read.',
  'not-in-sql': "The quarantine keeps this message as a file on amavisd's host. Look for it there.",
}
