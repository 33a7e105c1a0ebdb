import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { quarantineChecks } from '../../../src/work/doctor/quarantine-checks.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('mail that waits for an admin’s decision is not late, other old mail is', async () => {
  const { storage, state, time } = await embeddedProgram()
  const growth = quarantineChecks({
    storage,
    state,
    clock: time.clock,
    retention: 30 * DAY,
    purgeTimes: undefined,
  }).find(({ id }) => id === 'quarantine.growth')
  const old = { recipient: 'alice@example.com', receivedAt: time.now - 50 * DAY }
  await hold(storage, { ...old, rs: 'p' })
  const signal = AbortSignal.timeout(10_000)
  expect(await growth?.run(signal)).toMatchObject([{ status: 'ok' }])
  await hold(storage, { ...old, receivedAt: time.now - 40 * DAY })
  expect(await growth?.run(signal)).toMatchObject([
    { status: 'warn', message: expect.stringContaining('the oldest message is 40 days old') },
  ])
})
