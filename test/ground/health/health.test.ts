import { expect, test } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { createHealth } from '../../../src/ground/health/health.ts'
import type { Watched } from '../../../src/ground/health/watched.ts'

const FINE = { part: 'storage', look: async () => 1, silence: 'DATABASE_UNREACHABLE' } as const

test('all parts there: no reason', async () => {
  const health = createHealth({ asked: [FINE], watched: [watched('smtp')] })
  expect(await health.reasons()).toEqual([])
  expect(await health.parts()).toEqual([
    { part: 'storage', code: undefined },
    { part: 'smtp', code: undefined },
  ])
})

test('each part that is away is named with a code, and nothing else that its error says', async () => {
  const health = createHealth({
    asked: [
      FINE,
      failing('state', new CodedError('STATE_UNMIGRATED', 'tables of mysql://192.0.2.1 are old')),
      failing('queue', new Error('connect ECONNREFUSED 192.0.2.1:6379')),
    ],
    watched: [watched('smtp', 'SMTP_UNREACHABLE')],
  })
  expect(await health.reasons()).toEqual([
    'state: STATE_UNMIGRATED',
    'queue: INTERNAL',
    'smtp: SMTP_UNREACHABLE',
  ])
})

test('a part that does not answer is not waited for longer than three seconds', async () => {
  const frozen = { part: 'queue', look: () => new Promise(() => {}), silence: 'QUEUE_UNREACHABLE' } as const
  const started = performance.now()
  expect(await createHealth({ asked: [frozen], watched: [] }).reasons()).toEqual(['queue: QUEUE_UNREACHABLE'])
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('of several amavisd, one that is away is enough', async () => {
  const health = createHealth({
    asked: [],
    watched: [watched('amavisd'), watched('amavisd', 'AMAVISD_UNREACHABLE'), watched('amavisd')],
  })
  expect(await health.parts()).toEqual([{ part: 'amavisd', code: 'AMAVISD_UNREACHABLE' }])
})

const failing = (part: string, error: Error) =>
  ({ part, look: () => Promise.reject(error), silence: 'INTERNAL' }) as const

const watched = (part: string, code?: 'SMTP_UNREACHABLE' | 'AMAVISD_UNREACHABLE'): Watched => ({
  seen: () => {},
  missed: () => {},
  doubted: () => {},
  state: async () => ({ part, code }),
  watch: async () => {},
})
