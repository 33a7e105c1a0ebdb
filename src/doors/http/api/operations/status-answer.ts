import { z } from 'zod'
import { DIGEST_STATES } from '../../../../desks/admin/digests/find-digests.ts'
import type { DigestGroup } from '../../../../work/stuck/digest-lines.ts'
import type { ReleaseGroup } from '../../../../work/stuck/release-lines.ts'
import { component } from '../protocol/components.ts'
import { time, timeOrNull } from '../protocol/fields.ts'
import { RELEASE_STATES } from './releases.ts'

const digestLine = z.object({
  id: z.string(),
  state: z.enum(DIGEST_STATES),
  reader: z.string(),
  deliverTo: z.string(),
  messages: z.int(),
  createdAt: time,
  attempts: z.int(),
  nextAttemptAt: time,
  owner: z.string().nullable(),
  leaseUntil: timeOrNull,
  finishedAt: timeOrNull,
  reply: z.string().nullable(),
})

const releaseLine = z.object({
  itemId: z.string(),
  state: z.enum(RELEASE_STATES),
  requestedBy: z.string(),
  requestedAt: time,
  leaseUntil: time,
  attempts: z.int(),
  nextAttemptAt: timeOrNull,
  finishedAt: timeOrNull,
  code: z.string().nullable(),
  reply: z.string().nullable(),
  mailId: z.string().nullable(),
  recipient: z.string().nullable(),
})

const run = z.object({
  dueAt: time,
  startedAt: time,
  finishedAt: timeOrNull,
  owner: z.string().nullable(),
})

const group = <Line extends z.ZodType>(line: Line) => z.object({ count: z.int(), lines: z.array(line) })

/** What `status --json` prints. */
export const status = component(
  'Status',
  z.object({
    at: time,
    messagesWaiting: z.int(),
    digests: z.object({
      sending: group(digestLine),
      due: group(digestLine),
      spread: group(digestLine).describe('Not due before their time, because the run is spread.'),
      putOff: group(digestLine),
      failed: group(digestLine),
    } satisfies Record<DigestGroup, z.ZodType>),
    releases: z.object({
      asking: group(releaseLine),
      queued: group(releaseLine),
      uncertain: group(releaseLine),
      failed: group(releaseLine),
    } satisfies Record<ReleaseGroup, z.ZodType>),
    schedules: z.array(
      z.object({
        name: z.string(),
        enabled: z.boolean(),
        lastRun: run.nullable(),
        nextRun: timeOrNull,
      }),
    ),
    lastRunByHand: run.nullable(),
  }),
)
