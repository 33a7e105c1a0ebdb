import type { RequestDesk, RequestWithMail } from '../../../desks/requests/request-desk.ts'
import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import { SAMPLE_HELD } from './sample-held.ts'

const NOW = Date.UTC(2026, 2, 11, 6)
const by = { by: 'postmaster@example.org', at: NOW }

const WAITING: RequestWithMail = {
  request: {
    id: 'sample',
    ref: SAMPLE_HELD.ref,
    heldId: SAMPLE_HELD.heldId,
    recipient: SAMPLE_HELD.recipient,
    domain: 'example.com',
    kind: 'banned',
    receivedAt: NOW,
    state: 'waiting',
    readers: ['alice@example.com', 'bob@example.com'],
    askedAt: NOW,
    expiresAt: NOW + 7 * DAY,
    first: by,
    decided: undefined,
    note: undefined,
  },
  mail: { ...SAMPLE_HELD, state: 'requested' },
}

/** A request that another program has filed, whose message is gone. */
const DECIDED: RequestWithMail = {
  request: {
    ...WAITING.request,
    id: 'decided',
    state: 'refused',
    readers: [],
    first: undefined,
    decided: by,
    note: 'A note.',
  },
  mail: undefined,
}

const over = async () => {
  throw new CodedError('REQUEST_DECIDED', 'Somebody else has decided.')
}

/** A desk with a request of each form, to try the templates with. */
export const SAMPLE_REQUESTS: RequestDesk = {
  list: async () => ({ requests: [WAITING, DECIDED], next: 'sample' }),
  find: async (_viewer, id) => (id === 'decided' ? DECIDED : WAITING),
  approve: over,
  refuse: over,
  waiting: async () => 1,
}
