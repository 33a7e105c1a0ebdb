import { expect, test } from 'vitest'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { keptCalendar } from '../../../../src/desks/admin/schedules/kept-calendar.ts'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const ROOT = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

test('a calendar is kept for half a minute, without the runs that are past; a changed schedule shows at once', async () => {
  const { deps, storage } = await embeddedProgram()
  let now = NOW
  const holdOne = async () => {
    await hold(storage, { recipient: 'alice@example.com', receivedAt: NOW - MINUTE })
    await collect(deps, NOW)
  }
  const calendar = keptCalendar({ ...deps, clock: () => now })
  const shown = async () =>
    (await calendar(undefined, 1)).map(({ at, messages }) => `${(at - NOW) / MINUTE} ${messages}`)
  await setSchedule(deps, ROOT, 'daily', { crons: ['0 6 * * *'] })
  await holdOne()
  expect(await shown()).toEqual(['60 1'])
  await holdOne()
  expect(await shown()).toEqual(['60 1'])
  now += MINUTE / 2
  expect(await shown()).toEqual(['60 2'])
  await holdOne()
  await setSchedule(deps, ROOT, 'daily', { crons: ['1 5 * * *'] })
  expect(await shown()).toEqual(['1 3'])
  now = NOW + MINUTE
  await holdOne()
  expect(await shown()).toEqual(['1441 4'])
})
