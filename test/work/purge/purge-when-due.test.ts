import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { purgeWhenDue } from '../../../src/work/purge/purge-when-due.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { purgeDeps, remains } from '../../embedded/purging.ts'

test('the first purge comes at the next time, and then one at each time', async () => {
  const { storage, state } = await embeddedProgram()
  const start = Date.UTC(2026, 2, 11, 12)
  let now = start
  const times = { crons: ['30 3 * * *'], timeZone: 'UTC' }
  const look = () =>
    purgeWhenDue(purgeDeps(storage, state, { clock: () => now }), times, new AbortController().signal)
  await hold(storage, { recipient: 'alice@example.com', receivedAt: start - 31 * DAY })
  expect(await look()).toBeUndefined()
  now = start + 15 * HOUR
  expect(await look()).toBeUndefined()
  now = start + 16 * HOUR
  expect(await look()).toMatchObject({ msgs: 1 })
  expect((await remains(storage)).msgs).toEqual([])
  expect(await look()).toBeUndefined()
  now += DAY
  expect(await look()).toMatchObject({ msgs: 0 })
})

test('a purge that was stopped is due again', async () => {
  const { storage, state } = await embeddedProgram()
  let now = Date.UTC(2026, 2, 11, 3)
  const times = { crons: ['30 3 * * *'], timeZone: 'UTC' }
  const look = (signal: AbortSignal) =>
    purgeWhenDue(purgeDeps(storage, state, { clock: () => now }), times, signal)
  await look(new AbortController().signal)
  now += HOUR
  expect(await look(AbortSignal.abort())).toMatchObject({ isPartial: true })
  expect(await look(new AbortController().signal)).toMatchObject({ isPartial: false })
})
