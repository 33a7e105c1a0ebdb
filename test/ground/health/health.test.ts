import { expect, test } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { createHealth } from '../../../src/ground/health/health.ts'
import type { WatchedPart } from '../../../src/ground/health/watched-part.ts'

const FINE = { part: 'storage', check: async () => 1, codeIfSilent: 'DATABASE_UNREACHABLE' } as const

test('when all parts are up, there is no reason', async () => {
  const health = createHealth({ checked: [FINE], watched: [watched('smtp')] })
  expect(await health.reasons()).toEqual([])
  expect(await health.parts()).toEqual([
    { part: 'storage', code: undefined },
    { part: 'smtp', code: undefined },
  ])
})

test('each part that is down is named with a code, and with nothing else from its error', async () => {
  const health = createHealth({
    checked: [
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

test('a check waits at most three seconds for a part that does not answer', async () => {
  const frozen = {
    part: 'queue',
    check: () => new Promise(() => {}),
    codeIfSilent: 'QUEUE_UNREACHABLE',
  } as const
  const started = performance.now()
  expect(await createHealth({ checked: [frozen], watched: [] }).reasons()).toEqual([
    'queue: QUEUE_UNREACHABLE',
  ])
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('if one of several amavisd is down, amavisd counts as down', async () => {
  const health = createHealth({
    checked: [],
    watched: [watched('amavisd'), watched('amavisd', 'AMAVISD_UNREACHABLE'), watched('amavisd')],
  })
  expect(await health.parts()).toEqual([{ part: 'amavisd', code: 'AMAVISD_UNREACHABLE' }])
})

const failing = (part: string, error: Error) =>
  ({ part, check: () => Promise.reject(error), codeIfSilent: 'INTERNAL' }) as const

const watched = (part: string, code?: 'SMTP_UNREACHABLE' | 'AMAVISD_UNREACHABLE'): WatchedPart => ({
  answered: () => {},
  notReached: () => {},
  suspected: () => {},
  state: async () => ({ part, code }),
  watch: async () => {},
})
