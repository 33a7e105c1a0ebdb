import { expect, test } from 'vitest'
import { comingRuns } from '../../../../src/desks/admin/schedules/coming-runs.ts'
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
