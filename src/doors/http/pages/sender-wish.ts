import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import type { HeldRef } from '../../../work/collect/held-ref.ts'
import type { SenderAct, SenderPart, SenderSaid } from './sender-view.ts'

/** What one of the buttons about a message's sender asks for. */
export interface SenderWish {
  readonly act: SenderAct
  /** For everybody of the sender's domain. */
  readonly wide: boolean
  /** The message is released first. */
  readonly releases: boolean
  /** A person pressed a button of a page. */
  readonly pressed: boolean
}

/**
 * Reads `do=release-allow`, `allow`, `block`, `unlist` or `unlist-domain`; with `wide=yes` for the sender's domain.
 *
 * @returns undefined for a form that is about no sender
 */
export function senderWishIn(form: {
  get(field: string): string | null | undefined
}): SenderWish | undefined {
  const act = ACTS[form.get('do') ?? '']
  const pressed = form.get('button') === 'yes'
  return act && { wide: form.get('wide') === 'yes', releases: false, pressed, ...act }
}

const ACTS: Readonly<Record<string, Pick<SenderWish, 'act'> & Partial<SenderWish>>> = {
  'release-allow': { act: 'allow', releases: true },
  allow: { act: 'allow' },
  block: { act: 'block' },
  unlist: { act: 'remove', wide: false },
  'unlist-domain': { act: 'remove', wide: true },
}

/**
 * Does what a button asks for. What the lists cannot do now is said on the page; after a release, which holds all the
 * same, whatever else fails is said there, too.
 *
 * @throws CodedError for what is not about the lists, such as HELD_UNKNOWN, where nothing was released
 */
export async function doSenderWish(
  senders: SenderDesk,
  viewer: Viewer,
  ref: HeldRef,
  { act, wide, releases, pressed }: SenderWish,
): Promise<SenderSaid> {
  try {
    if (act === 'remove') await senders.removeOf(viewer, ref, { wide, pressed })
    else await senders.setOf(viewer, ref, { list: act, wide, pressed })
    return { is: DONE[act] }
  } catch (error) {
    if (error instanceof CodedError && (releases || SHOWN_ON_PAGE.has(error.code)))
      return { is: 'failed', act, code: error.code }
    throw error
  }
}

const DONE = { allow: 'allowed', block: 'blocked', remove: 'removed' } as const

const SHOWN_ON_PAGE: ReadonlySet<string> = new Set([
  'SENDER_INVALID',
  'SENDERS_OFF',
  'SENDERS_UNREACHABLE',
  'SENDERS_REFUSED',
  'DIRECTORY_UNREACHABLE',
  'CONFIRMATION_REQUIRED',
  'OUT_OF_REACH',
])

/** What a page shows about the sender of a message; undefined for who keeps no lists. */
export async function senderPartOf(
  senders: SenderDesk,
  viewer: Viewer,
  ref: HeldRef,
  part: Omit<SenderPart, 'offer'>,
): Promise<SenderPart | undefined> {
  if (!senders.mayUse(viewer) && !part.said) return undefined
  // What the page is about is the message: it is shown although its sender cannot be told.
  const offer = await senders.offer(viewer, ref).catch((error: unknown) => {
    if (error instanceof CodedError) return undefined
    throw error
  })
  return { ...part, offer }
}

/** The same for a program. */
export const senderJson = (said: SenderSaid | undefined): object =>
  said
    ? {
        sender: said.is === 'failed' ? { status: 'failed', code: said.code } : { status: said.is },
      }
    : {}
