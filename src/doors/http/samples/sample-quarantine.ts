import type { QuarantineDesk } from '../../../desks/quarantine/quarantine-desk.ts'
import { DAY } from '../../../ground/durations.ts'
import { SAMPLE_MAIL as mail } from '../../../work/digest/show/sample-view.ts'
import type { BulkStatus } from '../../../work/quarantine/bulk/bulk.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'
import { SAMPLE_HELD } from './sample-held.ts'
import { SAMPLE_OPENED } from './sample-messages.ts'

const held: ListedHeld = { ...SAMPLE_HELD, recipient: 'sales@example.com', kind: 'spam', isRead: false }

const released: ListedHeld = {
  ...held,
  from: '"boss@bank.example" <x@evil.example>',
  sender: '',
  isRead: true,
  state: 'released',
  releasedBy: { reader: 'bob@example.com', at: mail.receivedAt },
}

const STATUSES: readonly BulkStatus[] = ['released', 'deleted', 'failed', 'left-out', 'waiting']

const SHOWN: Pick<QuarantineDesk, 'list' | 'summary' | 'bulk' | 'open' | 'releaseStates'> = {
  list: async () => ({
    messages: [
      { recipients: [held], hasMore: false },
      { recipients: [{ ...held, kind: 'banned' }], hasMore: false },
      { recipients: [released], hasMore: false },
      { recipients: [{ ...released, state: 'deleted', releasedBy: undefined }], hasMore: false },
      { recipients: [held, released], hasMore: true },
    ],
    next: 'sample',
    window: { from: mail.receivedAt - 14 * DAY, to: mail.receivedAt },
    lookedBackTo: mail.receivedAt - DAY,
    isCut: true,
  }),
  summary: async () => ({ isCounting: true, days: [{ day: '2026-03-11', counts: { spam: 5, virus: 1 } }] }),
  open: async () => SAMPLE_OPENED,
  releaseStates: async () => new Map(),
  bulk: async () => ({
    act: 'delete',
    total: STATUSES.length,
    done: STATUSES.length - 1,
    isOver: false,
    isCut: true,
    begunAt: mail.receivedAt,
    outcomes: STATUSES.map(status => ({
      ref: held.ref,
      recipient: held.recipient,
      subject: held.subject,
      status,
      code: null,
    })),
  }),
}

/** A quarantine in which everything that its lists can show is there once, to try the templates with. */
export const SAMPLE_QUARANTINE = SHOWN as unknown as QuarantineDesk
