import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { claimRun } from '../../../src/work/digest/make/runs.ts'
import { MAY_HAVE_ARRIVED } from '../../../src/work/digest/make/send-anyway.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { expireDigests } from '../../../src/work/digest/send/expire.ts'
import { leaseDigests } from '../../../src/work/digest/send/outbox.ts'
import { resetFutureTimes } from '../../../src/work/tidy/reset-future-times.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('a digest that was made while the clock was days ahead is sent when the clock is right again', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  await collect(program.deps, NOW)
  program.time.now = NOW + 10 * DAY
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: program.time.now })
  program.time.now = NOW
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({ sent: 0 })
  await resetFutureTimes({ ...program.deps, longest: 2 * HOUR })
  expect(await expireDigests(program.deps)).toBe(0)
  expect(await deliver(program.deps, { dueAt: NOW })).toMatchObject({ sent: 1 })
})

test('a digest that was leased while the clock was ahead may have arrived, and becomes due', async () => {
  const { state, deps, rows, storage } = await embeddedProgram()
  await hold(storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const now = NOW + 10 * DAY
  await state.sql.updateTable('digest_digest').set({ next_attempt_at: now }).execute()
  await leaseDigests(state, { owner: 'dead', until: now + HOUR }, { now, dueAt: now, limit: 1 })
  await resetFutureTimes({ ...deps, longest: 2 * HOUR })
  expect(await rows('digest_digest')).toMatchObject([
    { next_attempt_at: NOW, lease_owner: null, firm: MAY_HAVE_ARRIVED },
  ])
})

test('a run that was leased while the clock was ahead is free', async () => {
  const { state, deps, rows } = await embeddedProgram()
  const lease = { owner: 'dead', until: NOW + 5 * DAY }
  const run = { schedule: 'daily', dueAt: NOW - HOUR }
  const id = await claimRun(state, run, lease, NOW + 5 * DAY)
  await resetFutureTimes({ ...deps, longest: 2 * HOUR })
  expect(await claimRun(state, run, { owner: 'alive', until: NOW + HOUR }, NOW)).toBe(id)
  await resetFutureTimes({ ...deps, longest: 2 * HOUR })
  expect(await rows('digest_run')).toMatchObject([{ lease_owner: 'alive' }])
})

test('digests that are put off or leased for the usual time stay as they are', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  const later = { next_attempt_at: NOW + HOUR, lease_owner: 'another', lease_until: NOW + HOUR }
  await program.state.sql.updateTable('digest_digest').set(later).execute()
  await resetFutureTimes({ ...program.deps, longest: 2 * HOUR })
  expect(await program.rows('digest_digest')).toMatchObject([later])
})
