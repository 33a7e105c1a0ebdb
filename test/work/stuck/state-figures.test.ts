import { expect, test } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import type { DigestTable, ReleaseTable } from '../../../src/ground/state/state-tables.ts'
import type { DigestState, ReleaseState } from '../../../src/ground/state/states.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { stateFigures } from '../../../src/work/stuck/state-figures.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { digestRow, releaseRow } from '../../embedded/rows.ts'

test('a new database has no outstanding work', async () => {
  const { state } = await embeddedProgram()
  expect(await stateFigures(state)).toEqual({
    digests: { pending: 0, failed: 0 },
    releases: { releasing: 0, queued: 0, failed: 0, uncertain: 0 },
    itemsWaiting: 0,
    unlisted: 0,
    requestsWaiting: 0,
    oldestRequestAt: undefined,
    oldestPendingAt: undefined,
    runsFinishedAt: new Map(),
  })
})

test('pending and failed work is counted; finished work is not', async () => {
  const { state, storage, deps } = await embeddedProgram()
  await hold(
    storage,
    { recipient: 'alice@example.com', receivedAt: NOW - HOUR },
    { recipient: 'bob@example.com', receivedAt: NOW - HOUR },
  )
  await collect(deps, NOW)
  const states = ['pending', 'pending', 'sent', 'failed', 'empty', 'dropped'] as const
  await state.sql
    .insertInto('digest_digest')
    .values(states.map((is, index) => digest(is, index)))
    .execute()
  const outcomes = ['released', 'queued', 'queued', 'releasing', 'failed', 'uncertain'] as const
  await state.sql.insertInto('digest_release').values(outcomes.map(release)).execute()
  expect(await stateFigures(state)).toMatchObject({
    digests: { pending: 2, failed: 1 },
    releases: { releasing: 1, queued: 2, failed: 1, uncertain: 1 },
    itemsWaiting: 2,
    unlisted: 0,
  })
})

test('the oldest pending digest is found at the tail of the queue once it has been postponed', async () => {
  const { state } = await embeddedProgram()
  const fresh = Array.from({ length: 1_200 }, (_, index) => digest('pending', index + 1))
  const old = digest('pending', 0, {
    created_at: NOW - 20 * HOUR,
    attempts: 9,
    next_attempt_at: NOW + HOUR,
  })
  for (let start = 0; start < fresh.length; start += 200) {
    await state.sql
      .insertInto('digest_digest')
      .values(fresh.slice(start, start + 200))
      .execute()
  }
  expect((await stateFigures(state)).oldestPendingAt).toBe(NOW)
  await state.sql.insertInto('digest_digest').values(old).execute()
  expect((await stateFigures(state)).oldestPendingAt).toBe(NOW - 20 * HOUR)
})

test('a digest that is scheduled for later because its run is spread is not waiting yet', async () => {
  const { state } = await embeddedProgram()
  const spread = digest('pending', 0, { created_at: NOW - HOUR, next_attempt_at: NOW + HOUR })
  await state.sql.insertInto('digest_digest').values(spread).execute()
  expect((await stateFigures(state)).oldestPendingAt).toBe(NOW + HOUR)
})

test('a digest that is being resent has waited since the request, however old it is', async () => {
  const { state } = await embeddedProgram()
  const again = digest('pending', 0, {
    created_at: NOW - 100 * HOUR,
    resent: 1,
    send_at: NOW - HOUR,
    attempts: 1,
    next_attempt_at: NOW + HOUR,
  })
  await state.sql.insertInto('digest_digest').values(again).execute()
  expect((await stateFigures(state)).oldestPendingAt).toBe(NOW - HOUR)
})

test('a digest that was moved to an earlier time has waited since that time', async () => {
  const { state } = await embeddedProgram()
  const madeDue = digest('pending', 0, { next_attempt_at: NOW - HOUR, send_at: NOW + HOUR })
  await state.sql.insertInto('digest_digest').values(madeDue).execute()
  expect((await stateFigures(state)).oldestPendingAt).toBe(NOW - HOUR)
})

test('each enabled schedule is listed with its last finished run, if it has one', async () => {
  const { state } = await embeddedProgram()
  const schedule = (name: string, enabled: number) => ({
    ...{
      name,
      enabled,
      crons: '["0 6 * * *"]',
      time_zone: 'UTC',
      is_default: 0,
      version: 1,
      updated_at: NOW,
    },
  })
  await state.sql
    .insertInto('digest_schedule')
    .values([schedule('daily', 1), schedule('never-ran', 1), schedule('off', 0)])
    .execute()
  const run = (name: string | null, due: number, finished: number | null) => ({
    ...{ run_id: `${name}${due}`, schedule: name, due_at: due, started_at: due, finished_at: finished },
    ...{ lease_owner: null, lease_until: null },
  })
  await state.sql
    .insertInto('digest_run')
    .values([
      run('daily', NOW - 48 * HOUR, NOW - 47 * HOUR),
      run('daily', NOW - 24 * HOUR, NOW - 23 * HOUR),
      run('daily', NOW, null),
      run('off', NOW - HOUR, NOW),
      run(null, NOW - HOUR, NOW),
    ])
    .execute()
  expect((await stateFigures(state)).runsFinishedAt).toEqual(new Map([['daily', NOW - 23 * HOUR]]))
})

const digest = (state: DigestState, index: number, row: Partial<DigestTable> = {}): DigestTable =>
  digestRow(`digest-${index}`, `reader${index}@example.com`, NOW, { state, attempts: 0, ...row })

const release = (state: ReleaseState, index: number): ReleaseTable =>
  releaseRow(`item-${index}`, NOW, { state })
