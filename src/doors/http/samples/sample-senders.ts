import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'

const owner = 'alice@example.com'
const [allowed, effect] = [
  { sender: 'bob@example.net', list: 'allow' } as const,
  { count: 2, isAtLeast: false },
]

/** A desk with more entries than a page shows, to try the templates with. */
export const SAMPLE_SENDERS: SenderDesk = {
  mayUse: () => true,
  ownersOf: async () => [owner],
  lists: async () => ({
    entries: [
      { ...allowed, counts: true },
      { sender: 'shop@example.net', list: 'block', counts: false },
      ...Array.from({ length: 200 }, (_, number) => ({
        sender: `sender${number}@example.net`,
        list: 'block' as const,
        counts: true,
      })),
    ],
    standing: 'inherits',
  }),
  offer: async () => ({
    address: 'bob@example.net',
    domain: '@example.net',
    owner,
    present: undefined,
    cautions: ['authentication', 'forgeable', 'ignored', 'not-spam'],
    effect,
  }),
  effect: async () => effect,
  set: async () => ({ owner, entry: allowed, former: undefined, cautions: [] }),
  setOf: async () => ({ owner, entry: allowed, former: undefined, cautions: [] }),
  remove: async () => true,
}
