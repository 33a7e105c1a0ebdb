import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { quarantineChecks } from '../../../src/work/doctor/quarantine-checks.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('a purge keeps up although a reader’s request waits for an admin; with other old mail it does not', async () => {
  const { storage, time } = await embeddedProgram()
  const growth = quarantineChecks({ storage, clock: time.clock, retention: 30 * DAY, purges: true }).find(
    ({ id }) => id === 'quarantine.growth',
  )
  const old = { recipient: 'alice@example.com', receivedAt: time.now - 50 * DAY }
  await hold(storage, { ...old, rs: 'p' })
  const signal = AbortSignal.timeout(10_000)
  expect(await growth?.run(signal)).toMatchObject([{ status: 'ok' }])
  await hold(storage, { ...old, receivedAt: time.now - 40 * DAY })
  expect(await growth?.run(signal)).toMatchObject([
    { status: 'warn', message: expect.stringContaining('the oldest message is 40 days old') },
  ])
})
