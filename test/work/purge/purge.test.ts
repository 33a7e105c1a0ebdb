import { expect, test } from 'vitest'
import { DAY, SECOND } from '../../../src/ground/durations.ts'
import { takeLease } from '../../../src/work/purge/lease.ts'
import { purge } from '../../../src/work/purge/purge.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { byClock, forReal, purgeDeps } from '../../embedded/purging.ts'

test('by hand, it goes on after a purge that was killed; by the clock, it comes again later', async () => {
  const { storage, state, time } = await embeddedProgram()
  await hold(storage, { recipient: 'alice@example.com', receivedAt: time.now - 40 * DAY })
  await takeLease(state, () => time.now)
  let now = time.now
  const clock = () => {
    now += 8 * SECOND
    return now
  }
  expect(await purge(purgeDeps(storage, state, { clock: time.clock }), byClock())).toMatchObject({
    isElsewhere: true,
  })
  expect(await purge(purgeDeps(storage, state, { clock }), forReal())).toMatchObject({
    isElsewhere: false,
    msgs: 1,
  })
})

test('by hand, it leaves the work to a purge that is alive', async () => {
  const { storage, state, time } = await embeddedProgram()
  const lease = await takeLease(state, time.clock)
  const other = setInterval(() => void lease?.renew(), 50)
  const result = await purge(purgeDeps(storage, state, { clock: time.clock }), forReal())
  clearInterval(other)
  expect(result).toMatchObject({ isElsewhere: true })
})
