import { expect, test, vi } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { type Check, ok, proof, warn } from '../../../src/ground/health/check.ts'
import { isHealthy, runChecks } from '../../../src/work/doctor/run-checks.ts'

const run = (checks: readonly Check[], options = {}) => runChecks([{ title: 'Group', checks }], options)

const outcomes = async (checks: readonly Check[], options = {}) =>
  (await run(checks, options)).map(({ id, status }) => `${id} ${status}`)

const failing = (id: string, error: Error): Check => proof(id, () => Promise.reject(error))

const hanging = (id: string): Check => proof(id, () => new Promise(() => {}))

test('a check that breaks off fails with the message of its error, and with what mends it', async () => {
  const missing = new CodedError(
    'DATABASE_GRANT_MISSING',
    'the user may not SELECT on table t. As a database admin: GRANT SELECT ON d.t TO u;',
  )
  const [coded, other] = await run([failing('a', missing), failing('b', new Error('boom'))])
  expect(coded).toMatchObject({
    group: 'Group',
    id: 'a',
    status: 'fail',
    message: 'The user may not SELECT on table t.',
    fix: 'As a database admin: GRANT SELECT ON d.t TO u;',
    code: 'DATABASE_GRANT_MISSING',
  })
  expect(other).toMatchObject({ status: 'fail', message: 'Unexpected failure: boom.', code: 'INTERNAL' })
})

test('a check that hangs fails after its time, and holds up no other', async () => {
  const startedAt = performance.now()
  const checks = [
    ...Array.from({ length: 10 }, (_, index) => hanging(`h${index}`)),
    proof('fine', async () => 1),
  ]
  expect(await outcomes(checks, { limit: 100 })).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `h${index} fail`),
    'fine ok',
  ])
  expect(performance.now() - startedAt).toBeLessThan(1000)
  const [silent] = await run([hanging('h')], { limit: 100 })
  expect(silent?.message).toBe('Gave no answer within 100ms.')
})

test('the time of a check that hangs ends its work, too', async () => {
  const aborted = vi.fn()
  const check: Check = {
    id: 'hangs',
    run: signal => new Promise(() => signal.addEventListener('abort', aborted)),
  }
  await run([check], { limit: 20 })
  expect(aborted).toHaveBeenCalledTimes(1)
})

test('a check is skipped when one that it needs fails or is skipped, wherever that stands', async () => {
  const needing = (id: string, needs: readonly string[]): Check => ({ ...proof(id, async () => 1), needs })
  expect(
    await outcomes([
      needing('third', ['second']),
      needing('second', ['first']),
      failing('first', new Error('no')),
      needing('other', ['warned', 'unknown']),
      { id: 'warned', run: async () => [warn('so so', 'mend it')] },
    ]),
  ).toEqual(['third skip', 'second skip', 'first fail', 'other ok', 'warned warn'])
})

test('unasked, the service makes quick checks first and slow ones later, but none that others notice', async () => {
  const check = (id: string, more = {}): Check => ({ id, ...more, run: async () => [ok('fine')] })
  const checks = [
    check('quick'),
    failing('away', new Error('no')),
    check('slow', { isSlow: true, needs: ['quick'] }),
    check('needs', { isSlow: true, needs: ['away'] }),
    check('told', { isToldAnyway: true }),
    check('noticed', { isNoticed: true }),
  ]
  expect(await outcomes(checks, { unasked: 'quick' })).toEqual(['quick ok', 'away fail'])
  expect(await outcomes(checks, { unasked: 'slow' })).toEqual(['slow ok', 'needs skip'])
  expect(await outcomes(checks)).toHaveLength(6)
})

test('warnings and skipped checks leave the program healthy', () => {
  const finding = { message: '', fix: undefined }
  expect(
    isHealthy([
      { ...finding, status: 'warn' },
      { ...finding, status: 'skip' },
    ]),
  ).toBe(true)
  expect(
    isHealthy([
      { ...finding, status: 'ok' },
      { ...finding, status: 'fail' },
    ]),
  ).toBe(false)
})
