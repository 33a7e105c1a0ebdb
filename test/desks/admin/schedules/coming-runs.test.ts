import { expect, test } from 'vitest'
import { comingRuns } from '../../../../src/desks/admin/schedules/coming-runs.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

test('a schedule by its readers’ own time zones is listed in those of the readers in reach', async () => {
  const { deps, state } = await embeddedProgram()
  await setSchedules(state, scheduleOf('own', { timeZone: 'reader', isDefault: true }))
  await prefer(state, '@example.com', { time_zone: 'Asia/Tokyo' })
  await prefer(state, '@example.org', { time_zone: 'Asia/Kolkata' })
  const clocks = async (reach: readonly string[] | undefined) => {
    const runs = await comingRuns(deps, reach, 9)
    return [...new Set(runs.map(({ at }) => new Date(at).toISOString().slice(11, 16)))].sort()
  }
  const [own, org] = [await clocks(['example.com']), await clocks(['example.org'])]
  expect(own).toHaveLength(2)
  expect(org).toHaveLength(2)
  expect(await clocks(undefined)).toEqual([...new Set([...own, ...org])].sort())
})

test('schedules that nobody has are left out, and each run says what it would carry', async () => {
  const { deps, state, storage } = await embeddedProgram()
  await setSchedules(
    state,
    scheduleOf('daily', { isDefault: true }),
    scheduleOf('office'),
    scheduleOf('unused', { isOffered: true }),
  )
  await prefer(state, '@example.org', { schedules: '["office"]' })
  await hold(
    storage,
    ...[1, 2].map(() => ({ recipient: 'alice@example.com', receivedAt: deps.clock() - 1000 })),
  )
  await collect(deps, deps.clock())
  const runs = await comingRuns(deps, undefined, 4)
  expect(new Set(runs.map(({ schedule }) => schedule))).toEqual(new Set(['daily', 'office']))
  expect(runs.find(({ schedule }) => schedule === 'daily')?.carries).toEqual({ readers: 1, messages: 2 })
  expect(runs.find(({ schedule }) => schedule === 'office')?.carries).toEqual({ readers: 0, messages: 0 })
  await prefer(state, '@', { schedules: '["office"]' })
  const rest = await comingRuns(deps, undefined, 4)
  expect(new Set(rest.map(({ schedule }) => schedule))).toEqual(new Set(['office']))
})
