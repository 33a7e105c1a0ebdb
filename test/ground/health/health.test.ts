import { expect, test, vi } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { proof } from '../../../src/ground/health/check.ts'
import { createHealth as create, type HealthDeps } from '../../../src/ground/health/health.ts'
import type { WatchedPart } from '../../../src/ground/health/watched-part.ts'
import { createWorkWatch } from '../../../src/ground/health/work-watch.ts'

const FINE = {
  part: 'storage',
  check: proof('storage', async () => 1),
  codeIfSilent: 'DATABASE_UNREACHABLE',
} as const

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
    check: proof('silent', () => new Promise(() => {})),
    codeIfSilent: 'QUEUE_UNREACHABLE',
  } as const
  const started = performance.now()
  expect(await createHealth({ checked: [frozen], watched: [] }).reasons()).toEqual([
    'queue: QUEUE_UNREACHABLE',
  ])
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('if one of two checks of the same part fails, the part counts as down', async () => {
  const health = createHealth({
    checked: [],
    watched: [watched('amavisd'), watched('amavisd', 'AMAVISD_UNREACHABLE'), watched('amavisd')],
  })
  expect(await health.parts()).toEqual([{ part: 'amavisd', code: 'AMAVISD_UNREACHABLE' }])
})

test('several amavisd are told apart by their hosts', async () => {
  const health = createHealth({
    checked: [],
    watched: [
      watched('amavisd', undefined, 'mx1.example.com'),
      watched('amavisd', 'AMAVISD_UNREACHABLE', 'mx2.example.com'),
    ],
  })
  expect(await health.reasons()).toEqual(['amavisd mx2.example.com: AMAVISD_UNREACHABLE'])
  expect(await health.parts()).toHaveLength(2)
})

test('work that fails is a reason after the parts', async () => {
  const works = createWorkWatch(() => 0)
  works.failed('collecting', 'held mail', new CodedError('DATABASE_READ_ONLY', 'read-only'))
  const health = create({ checked: [FINE], watched: [watched('smtp')], works, clock: () => 0 })
  expect(await health.reasons()).toEqual(['collecting: DATABASE_READ_ONLY'])
})

test('a check whose silence says nothing is not waited for longer, and is no reason', async () => {
  const silent = {
    part: 'sending',
    check: proof('silent', () => new Promise(() => {})),
    codeIfSilent: undefined,
  }
  expect(await createHealth({ checked: [silent], watched: [] }).reasons()).toEqual([])
})

test('all who ask within a second share one look', async () => {
  const time = { now: 0 }
  const check = vi.fn(async () => 1)
  const health = create({
    checked: [{ ...FINE, check: proof('storage', check) }],
    watched: [],
    works: createWorkWatch(() => 0),
    clock: () => time.now,
  })
  await Promise.all(Array.from({ length: 40 }, () => health.reasons()))
  await health.parts()
  expect(check).toHaveBeenCalledTimes(1)
  time.now += 1_000
  await health.reasons()
  expect(check).toHaveBeenCalledTimes(2)
})

/** Without work. */
const createHealth = (deps: Omit<HealthDeps, 'works' | 'clock'>) =>
  create({ ...deps, works: { states: () => [] }, clock: () => performance.now() })

const failing = (part: string, error: Error) =>
  ({ part, check: proof(part, () => Promise.reject(error)), codeIfSilent: 'INTERNAL' }) as const

const watched = (
  part: string,
  code?: 'SMTP_UNREACHABLE' | 'AMAVISD_UNREACHABLE',
  host?: string,
): WatchedPart => ({
  answered: () => {},
  notReached: () => {},
  suspected: () => {},
  state: async () => ({ part, host, code }),
  fault: async () => code,
  watch: async () => {},
})
