import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { decider, requestsWorld } from '../../work/requests/requests-world.ts'

test('what waits is listed from the oldest on, all that was asked for from the newest, page by page', async () => {
  const { desk, storage, sweep, later } = await requestsWorld({ rs: 'p' })
  for (const number of [1, 2, 3, 4]) {
    await hold(storage, {
      recipient: number === 4 ? 'zoe@other.example' : 'sales@example.com',
      receivedAt: NOW - HOUR,
      mailId: `more${number}`,
      subject: `More ${number}`,
      content: 'B',
      rs: 'p',
    })
    later(MINUTE)
    await sweep()
  }
  const subjects = async (viewer: ReturnType<typeof decider>, state?: 'waiting' | 'refused') => {
    const seen: (string | undefined)[] = []
    let after: string | undefined
    do {
      const page = await desk.list(viewer, { state, limit: 2, after })
      expect(page.requests.length).toBeLessThanOrEqual(2)
      seen.push(...page.requests.map(({ mail }) => mail?.subject))
      after = page.next
    } while (after !== undefined)
    return seen
  }
  const waiting = await subjects(decider(), 'waiting')
  expect(waiting.slice(2)).toEqual(['More 2', 'More 3', 'More 4'])
  expect(new Set(waiting.slice(0, 2))).toEqual(new Set(['The tool that you asked for', 'More 1']))
  expect((await subjects(decider())).slice(0, 3)).toEqual(['More 4', 'More 3', 'More 2'])
  expect(await subjects(decider('own@other.example', 'other.example'), 'waiting')).toEqual(['More 4'])
  expect(await subjects(decider(), 'refused')).toEqual([])
  const unknown = desk.list(decider(), { limit: 2, after: "1.x' OR 1" })
  await expect(unknown).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})
