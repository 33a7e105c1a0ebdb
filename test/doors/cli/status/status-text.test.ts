import { afterEach, expect, test, vi } from 'vitest'
import type { Status } from '../../../../src/desks/admin/stuck/status.ts'
import { statusJson } from '../../../../src/desks/admin/stuck/status-json.ts'
import { statusText } from '../../../../src/doors/cli/status/status-text.ts'
import { DAY } from '../../../../src/ground/durations.ts'
import type { DigestLine } from '../../../../src/work/stuck/digest-lines.ts'
import type { ReleaseLine } from '../../../../src/work/stuck/release-lines.ts'

const NOW = Date.UTC(2026, 2, 11, 5)

afterEach(() => vi.unstubAllEnvs())

test('counts come first, then the lists that are not empty, in columns, then the runs', () => {
  vi.stubEnv('TZ', 'Europe/Paris')
  const putOff = { count: 22, lines: [digestLine({}), digestLine({ reader: 'a.longer.name@example.com' })] }
  const uncertain = { count: 1, lines: [releaseLine({})] }
  const text = statusText({
    ...NOTHING,
    messagesWaiting: 1234,
    digests: { ...NOTHING.digests, putOff },
    releases: { ...NOTHING.releases, uncertain },
  })
  expect(text).toBe(`amavis-digest at 2026-03-11T06:00:00+01:00

  1234  messages wait for their reader's next digest
     0  digests being sent
     0  digests due
     0  digests due later
    22  digests put off
     0  digests failed in the last 7 days
     0  releases in progress
     0  releases queued
     1  releases uncertain
     0  releases failed in the last 7 days

Digests put off
  ID      READER                     MADE                       ATTEMPTS
    NEXT                       THE SERVER'S LAST REPLY
  digest  alice@example.com          2026-03-11T06:00:00+01:00  1
    2026-03-11T06:00:30+01:00  452 4.2.2 Mailbox full
  digest  a.longer.name@example.com  2026-03-11T06:00:00+01:00  1
    2026-03-11T06:00:30+01:00  452 4.2.2 Mailbox full
  … and 20 more: --all

Releases that may have delivered a copy: check the mailbox, then --retry
  ID    MAIL ID       RECIPIENT          ASKED FOR                  ATTEMPTS
    ENDED                      CODE               AMAVISD'S LAST REPLY
  item  j0hWRAnY0bvs  alice@example.com  2026-03-11T06:00:00+01:00  2
    2026-03-11T06:00:01+01:00  RELEASE_UNCERTAIN  timed out

Runs
  SCHEDULE  LAST DUE                   FINISHED
    NEXT
  daily     2026-03-10T06:00:00+01:00  2026-03-10T06:00:02+01:00
    2026-03-12T06:00:00+01:00
  off       2026-03-10T06:00:00+01:00  being made by mx1/7/x
    off
  new       never                      -
    cannot be read
  by hand   2026-03-10T06:00:00+01:00  not finished
    -`)
})

test('text from strangers cannot affect the terminal', () => {
  const reply = '550 \u001b[2J\u001b]0;owned\u0007 no\r\nID  fake\u202E'
  const line = digestLine({ reply, reader: 'al\u001b[31mice@example.com' })
  const failed = { count: 1, lines: [line] }
  const text = statusText({ ...NOTHING, digests: { ...NOTHING.digests, failed } })
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(text).toContain('550 [2J]0;owned no ID fake')
})

test('the JSON is complete, with times as ISO 8601 in UTC', () => {
  const putOff = { count: 1, lines: [digestLine({})] }
  expect(statusJson({ ...NOTHING, digests: { ...NOTHING.digests, putOff } })).toMatchObject({
    at: '2026-03-11T05:00:00.000Z',
    messagesWaiting: 0,
    digests: {
      putOff: {
        count: 1,
        lines: [
          {
            id: 'digest',
            attempts: 1,
            messages: 3,
            createdAt: '2026-03-11T05:00:00.000Z',
            nextAttemptAt: '2026-03-11T05:00:30.000Z',
            leaseUntil: null,
            reply: '452 4.2.2 Mailbox full',
          },
        ],
      },
    },
    releases: { queued: { count: 0, lines: [] } },
    schedules: [
      {
        name: 'daily',
        lastRun: { finishedAt: '2026-03-10T05:00:02.000Z' },
        nextRun: '2026-03-12T05:00:00.000Z',
      },
      { name: 'off' },
      { name: 'new', lastRun: null, nextRun: null },
    ],
  })
})

const digestLine = (fields: Partial<DigestLine>): DigestLine => ({
  id: 'digest',
  state: 'pending',
  reader: 'alice@example.com',
  deliverTo: 'alice@example.com',
  copyOf: null,
  messages: 3,
  createdAt: NOW,
  attempts: 1,
  nextAttemptAt: NOW + 30_000,
  owner: null,
  leaseUntil: null,
  finishedAt: null,
  reply: '452 4.2.2 Mailbox full',
  ...fields,
})

const releaseLine = (fields: Partial<ReleaseLine>): ReleaseLine => ({
  itemId: 'item',
  mailId: 'j0hWRAnY0bvs',
  recipient: 'alice@example.com',
  state: 'uncertain',
  requestedBy: 'alice@example.com',
  requestedAt: NOW,
  leaseUntil: NOW,
  attempts: 2,
  nextAttemptAt: null,
  finishedAt: NOW + 1_000,
  code: 'RELEASE_UNCERTAIN',
  reply: 'timed out',
  ...fields,
})

const NONE = { count: 0, lines: [] }
const YESTERDAY = NOW - DAY
const RUN = { dueAt: YESTERDAY, startedAt: YESTERDAY, finishedAt: null, owner: null }

const NOTHING: Status = {
  at: NOW,
  messagesWaiting: 0,
  messagesUnlisted: 0,
  digests: { sending: NONE, due: NONE, spread: NONE, putOff: NONE, failed: NONE },
  releases: { asking: NONE, queued: NONE, uncertain: NONE, failed: NONE },
  schedules: [
    {
      name: 'daily',
      enabled: true,
      lastRun: { ...RUN, finishedAt: YESTERDAY + 2_000 },
      nextRun: '2026-03-12T05:00:00.000Z',
    },
    { name: 'off', enabled: false, lastRun: { ...RUN, owner: 'mx1/7/x' }, nextRun: undefined },
    { name: 'new', enabled: true, lastRun: undefined, nextRun: undefined },
  ],
  lastRunByHand: RUN,
}
