import { z } from 'zod'
import type { DigestGroup } from '../../../../../work/stuck/digest-groups.ts'
import type { ReleaseGroup } from '../../../../../work/stuck/release-groups.ts'
import { component } from '../../protocol/components.ts'
import { count, time, timeOrNull } from '../../protocol/fields.ts'
import { DIGEST_EXAMPLE, digestFields } from '../parts/digest-fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { releaseFields } from '../parts/release-fields.ts'

const digestLine = z.object({
  ...digestFields,
  owner: z.string().nullable().describe('The process that works on the digest, or did so last. May be null.'),
})

const releaseLine = z.object({
  itemId: z.string().describe('The id of the release, whichever of the readers asked.'),
  ...releaseFields,
  leaseUntil: time.describe('A process works on the release until then.'),
  attempts: count.describe('How often amavisd was asked.'),
  nextAttemptAt: timeOrNull.describe('When amavisd is asked next. Null when it is not.'),
  mailId: z
    .string()
    .nullable()
    .describe("The id of the message in amavisd's log (`mail_id`). Null when it is no longer known."),
  recipient: z.string().nullable().describe('Who gets the message. Null when it is no longer known.'),
})

const run = z.object({
  dueAt: time.describe('When the run was due.'),
  startedAt: time.describe('When the run started.'),
  finishedAt: timeOrNull.describe('When the run ended. Null while it is made, or when it broke off.'),
  owner: z.string().nullable().describe('The process that makes the run now. Null when none does.'),
})

const scheduleLine = z.object({
  name: z.string().describe('The name of the schedule.'),
  enabled: z.boolean().describe('False when the schedule makes no digests.'),
  lastRun: run.nullable().describe('The last run. Null when there is none.'),
  nextRun: timeOrNull.describe('When the schedule is due next. Null when it is off.'),
})

const group = <Line extends z.ZodType>(line: Line, description: string) =>
  z
    .object({
      count: count.describe('How many there are.'),
      lines: z.array(line).describe('The first of them, at most `limit`.'),
    })
    .describe(description)

const digestGroups = {
  sending: group(digestLine, 'Digests that a process is sending.'),
  due: group(digestLine, 'Digests that are sent as soon as a process takes them.'),
  spread: group(digestLine, 'Digests whose turn comes later, because the mails of their run are spread.'),
  putOff: group(digestLine, 'Digests that were tried and are tried again later.'),
  failed: group(digestLine, 'Digests that failed in the last 7 days.'),
} satisfies Record<DigestGroup, z.ZodType>

const releaseGroups = {
  asking: group(releaseLine, 'Releases for which amavisd is being asked.'),
  queued: group(releaseLine, 'Releases for which amavisd is asked again.'),
  uncertain: group(releaseLine, "Releases for which amavisd's answer was lost. A person decides."),
  failed: group(releaseLine, 'Releases that failed in the last 7 days.'),
} satisfies Record<ReleaseGroup, z.ZodType>

const NONE = { count: 0, lines: [] }

const PUT_OFF = {
  ...DIGEST_EXAMPLE,
  state: 'pending' as const,
  finishedAt: null,
  nextAttemptAt: '2026-03-11T05:10:00.000Z',
  reply: '451 4.3.2 Please try again later',
  owner: null,
}

const RUN = {
  dueAt: EXAMPLE.digestAt,
  startedAt: EXAMPLE.digestAt,
  finishedAt: '2026-03-11T05:00:01.000Z',
  owner: null,
}

/** The output of `status --json`. */
export const status = component(
  'Status',
  z
    .object({
      at: time.describe('When this was read.'),
      messagesWaiting: count.describe('How many messages no digest lists yet.'),
      messagesUnlisted: count.describe(
        'How many messages of the last 30 days no digest lists, because no mail can be sent to their recipient.',
      ),
      digests: z.object(digestGroups).describe('Digests that are not sent.'),
      releases: z.object(releaseGroups).describe('Releases that have not succeeded.'),
      schedules: z.array(scheduleLine).describe('The schedules with their runs.'),
      lastRunByHand: run.nullable().describe('The last run that an admin started. Null when there is none.'),
    })
    .describe('What is under way, what waits and what went wrong.'),
  {
    at: '2026-03-11T05:03:00.000Z',
    messagesWaiting: 2,
    messagesUnlisted: 0,
    digests: { sending: NONE, due: NONE, spread: NONE, putOff: { count: 1, lines: [PUT_OFF] }, failed: NONE },
    releases: { asking: NONE, queued: NONE, uncertain: NONE, failed: NONE },
    schedules: [{ name: 'daily', enabled: true, lastRun: RUN, nextRun: '2026-03-12T05:00:00.000Z' }],
    lastRunByHand: null,
  },
)
