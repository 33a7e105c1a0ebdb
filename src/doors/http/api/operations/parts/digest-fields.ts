import { z } from 'zod'
import type { DigestState } from '../../../../../ground/state/states.ts'
import { choice, count, time, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from './examples.ts'

const STATES: Readonly<Record<DigestState, string>> = {
  pending: 'The digest waits to be sent.',
  sent: 'The SMTP server took the digest.',
  failed:
    'The SMTP server refused the digest, or did not take it in time. Its messages wait for the next one.',
  empty: 'Nothing was left to list, so the digest was never sent.',
  dropped: 'An admin gave the digest up before it was sent.',
}

export const digestState = choice('What became of the digest.', STATES)

/** The properties of a digest in every answer. */
export const digestFields = {
  id: z.string().describe('The id of the digest.'),
  reader: z.string().describe('Whose held mail the digest lists.'),
  deliverTo: z.string().describe('The address that gets the digest.'),
  copyOf: z
    .string()
    .nullable()
    .describe('The id of the digest that this is a copy of, for somebody else. Null when it is none.'),
  state: digestState,
  createdAt: time.describe('When the digest was made.'),
  finishedAt: timeOrNull.describe('When the digest was sent or given up. Null until then.'),
  attempts: count.describe('How often sending was tried.'),
  nextAttemptAt: time.describe('When sending is tried next, if the digest still waits.'),
  leaseUntil: timeOrNull.describe('A process works on the digest until then. Null when none does.'),
  messages: count.describe('How many messages the digest lists.'),
  reply: z.string().nullable().describe("The SMTP server's last reply. Null when there was none."),
}

/** An example of `digestFields`. */
export const DIGEST_EXAMPLE = {
  id: EXAMPLE.digestId,
  reader: EXAMPLE.reader,
  deliverTo: EXAMPLE.reader,
  copyOf: null,
  state: 'sent',
  createdAt: EXAMPLE.digestAt,
  finishedAt: '2026-03-11T05:00:02.000Z',
  attempts: 1,
  nextAttemptAt: EXAMPLE.digestAt,
  leaseUntil: null,
  messages: 3,
  reply: '250 2.0.0 Ok: queued as 4fXk1x2N7zP',
} as const
