import type { SenderOffer } from '../../../desks/senders/sender-desk.ts'
import { displayAddress } from '../../../ground/display/address.ts'
import { displayDomain } from '../../../ground/display/domain.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { problemOf } from './page-problems.ts'
import type { SenderPart, SenderSaid } from './sender-view.ts'

/** The model of `quarantine/sender-part`. @param way where its forms go; undefined: to the page itself */
export function senderPartModel(
  part: SenderPart | undefined,
  words: Words,
  { action, url = path => path }: { readonly action?: string; readonly url?: (path: string) => string } = {},
): object | undefined {
  if (!part) return undefined
  const said = part.said && saidModel(part.said, words)
  const offer = part.offer?.address === undefined ? undefined : offerModel(part, part.offer, words)
  if (!said && !offer) return undefined
  const { deletePath, lists } = part
  return {
    said,
    offer,
    action,
    deletePath: part.said?.is === 'blocked' && deletePath !== undefined ? url(deletePath) : undefined,
    listsUrl: lists && url(lists.path),
    listsLabel: lists && words.say(lists.label),
  }
}

function saidModel(said: SenderSaid, words: Words): object {
  if (said.is !== 'failed') return { mood: 'good', text: words.say(`senders.said.${said.is}`), next: '' }
  const { what, next } = problemOf(said.code, words)
  return { mood: 'bad', text: words.say(`senders.said.not.${said.act}`), next: `${what} ${next}` }
}

function offerModel({ releases }: SenderPart, offer: SenderOffer, words: Words): object {
  const { address = '', domain, owner, present, presentDomain, cautions, effect } = offer
  return {
    sender: displayAddress(address),
    owner: displayAddress(owner),
    present: present && words.say(`senders.present.${present}`),
    presentDomain: presentDomain && {
      key: `senders.presentDomain.${presentDomain}`,
      domain: domainShown(domain),
    },
    cautions: cautions.map(caution => words.say(`senders.caution.${caution}`)),
    effect: words.say(`senders.effect.${effect.isAtLeast ? 'atLeast' : 'exactly'}`, { count: effect.count }),
    domain: domain === undefined ? undefined : domainShown(domain),
    mayReleaseToo: releases && present !== 'allow',
    mayAllow: present !== 'allow',
    mayBlock: present !== 'block',
  }
}

/** Without the at-sign of the entry. */
const domainShown = (domain = ''): string => displayDomain(domain.replace(/^@\.?/, ''))
