import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'
import type { HeldMailState } from '../../ground/amavis/held-mail.ts'
import type { Visitor } from '../reach/visitor.ts'
import type { Policies } from './policy.ts'

/**
 * What may be done with a message: release it, release it after a second and explicit confirmation, ask an admin for it,
 * or nothing.
 */
export type Offer = 'release' | 'confirm' | 'request' | 'none'

/** The part of a message that an offer depends on. */
export interface OfferedMessage {
  readonly kind: ContentKind
  readonly state: HeldMailState
  /** Policies may differ from domain to domain. */
  readonly recipient: string
}

/** What an offer depends on of who acts. The help desk asks admins for nothing in a reader's name. */
export type Asker = Pick<Visitor, 'may' | 'by'>

/** Decides what may be done with a held message. The mail, the pages, the API and the release itself all ask it. */
export function offerFor(message: OfferedMessage, policies: Policies, { may, by }: Asker): Offer {
  const { kind, state, recipient } = message
  if (state !== 'held' || !may.includes('release')) return 'none'
  switch (policies.of(recipient)[kind]) {
    case 'release':
      return 'release'
    case 'confirm':
      return 'confirm'
    case 'request':
      if (may.includes('decide'))
        return isForTwo(message, policies) && !may.includes('approved') ? 'none' : 'confirm'
      return by === 'helpDesk' ? 'none' : 'request'
    case 'never':
      return 'none'
  }
}

/** Whether no admin alone releases it: its reader has to ask for it, and two approve. */
export const isForTwo = (
  { kind, recipient }: Pick<OfferedMessage, 'kind' | 'recipient'>,
  policies: Policies,
): boolean =>
  kind === 'virus' && policies.virusNeedsTwo === true && policies.of(recipient)[kind] === 'request'

/** What the reader may do with a message. A digest lists only messages that its reader can act on. */
export const offerToReader = (message: OfferedMessage, policies: Policies): Offer =>
  offerFor(message, policies, READER)

/** Whether it takes a second and explicit confirmation: also an admin is asked only by somebody who has seen what it is. */
export const needsConfirmation = (offer: Exclude<Offer, 'none'>): boolean => CONFIRMED[offer]

const CONFIRMED = { release: false, confirm: true, request: true } as const satisfies Record<
  Exclude<Offer, 'none'>,
  boolean
>

/** The kinds of content that no reader of any domain can act on: no digest lists them. */
export const kindsNeverOffered = ({ all }: Pick<Policies, 'all'>): readonly ContentKind[] =>
  KINDS.filter(kind => all.every(policies => policies[kind] === 'never'))

/** The kinds of content that readers of this recipient's domain cannot act on. */
export const kindsNeverOfferedTo = (policies: Policies, recipient: string): readonly ContentKind[] => {
  const own = policies.of(recipient)
  return KINDS.filter(kind => own[kind] === 'never')
}

/** The kinds of content that some reader can act on. */
export const kindsOffered = (policies: Pick<Policies, 'all'>): readonly ContentKind[] => {
  const never = kindsNeverOffered(policies)
  return KINDS.filter(kind => !never.includes(kind))
}

/**
 * Whether a page may release without its button, at the first sign of a human. Risky content always needs the button.
 */
export const mayReleaseItself = (kind: ContentKind, offer: Offer): boolean =>
  offer === 'release' && !RISKY.includes(kind)

/** Whether the page of a message warns of it before anything else: its button is the only one, and a quiet one. */
export const needsWarning = (kind: ContentKind, offer: Exclude<Offer, 'none'>): boolean =>
  needsConfirmation(offer) || RISKY.includes(kind)

const RISKY: readonly ContentKind[] = ['banned', 'unchecked', 'virus']

const READER = { may: ['release'], by: 'session' } as const
