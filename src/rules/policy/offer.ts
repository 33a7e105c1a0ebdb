import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'
import type { HeldMailState } from '../../ground/amavis/held-mail.ts'
import type { Visitor } from '../reach/visitor.ts'
import type { ReleasePolicies } from './policy.ts'

/** What may be done with a message: release it, release it after a second and explicit confirmation, or nothing. */
export type Offer = 'release' | 'confirm' | 'none'

/** As much of a message as an offer depends on. */
export interface OfferedMessage {
  readonly kind: ContentKind
  readonly state: HeldMailState
}

/** The one answer to what may be done with a held message. The mail, the pages, the API and the release itself ask it. */
export function offerFor(
  { kind, state }: OfferedMessage,
  policies: ReleasePolicies,
  { may }: Pick<Visitor, 'may'>,
): Offer {
  if (state !== 'held' || !may.includes('release')) return 'none'
  switch (policies[kind]) {
    case 'release':
      return 'release'
    case 'confirm':
      return 'confirm'
    case 'never':
      return 'none'
  }
}

/** What its reader may do with a message. A digest lists only those with which its reader can do something. */
export const offerToReader = (message: OfferedMessage, policies: ReleasePolicies): Offer =>
  offerFor(message, policies, READER)

/** The kinds of content with which no reader can do anything: they are in no digest. */
export const kindsNeverOffered = (policies: ReleasePolicies): readonly ContentKind[] =>
  KINDS.filter(kind => offerToReader({ kind, state: 'held' }, policies) === 'none')

/** Whether a page may release at the first sign of a human. Content that may harm needs at least the button. */
export const mayReleaseItself = (kind: ContentKind, offer: Offer): boolean =>
  offer === 'release' && !RISKY.includes(kind)

const RISKY: readonly ContentKind[] = ['banned', 'unchecked', 'virus']

const READER = { may: ['release'] } as const
