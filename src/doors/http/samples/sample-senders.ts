import type { SenderDesk, SenderOffer } from '../../../desks/senders/sender-desk.ts'
import type { ListsOfOwner } from '../../../ground/senders/sender-lists.ts'

/** An offer that shows everything that a page can show of one. */
export const SAMPLE_OFFER: SenderOffer = {
  address: 'bob@shop.example',
  domain: '@shop.example',
  owner: 'alice@example.com',
  present: 'block',
  presentDomain: 'allow',
  cautions: ['ignored', 'authentication', 'forgeable', 'not-spam'],
  effect: { count: 3, isAtLeast: false },
}

export const SAMPLE_LISTS: ListsOfOwner = {
  entries: [
    { sender: '@shop.example', list: 'allow', counts: true },
    { sender: 'bob@shop.example', list: 'block', counts: true },
    { sender: '*@bank.example', list: 'block', counts: false },
  ],
  standing: 'inherits',
}

/** Lists to try templates with. */
export const SAMPLE_SENDERS: SenderDesk = {
  mayUse: () => true,
  ownersOf: async () => ['alice@example.com', 'sales@example.com'],
  lists: async () => SAMPLE_LISTS,
  offer: async () => SAMPLE_OFFER,
  effect: async () => SAMPLE_OFFER.effect,
  set: async (_viewer, owner, entry) => ({ owner, entry, former: undefined, cautions: [] }),
  setOf: async (_viewer, _ref, { list }) => ({
    owner: SAMPLE_OFFER.owner,
    entry: { sender: 'bob@shop.example', list },
    former: undefined,
    cautions: [],
  }),
  removeOf: async () => 'bob@shop.example',
  remove: async () => true,
}
