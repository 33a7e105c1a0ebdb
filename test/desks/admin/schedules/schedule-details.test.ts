import { expect, test } from 'vitest'
import { scopesOfSchedule } from '../../../../src/desks/admin/readers/scopes-of-schedule.ts'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { removalDetails, scheduleDetails } from '../../../../src/desks/admin/schedules/schedule-details.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

async function scheduled() {
  const { deps, state } = await embeddedProgram()
  const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
  await seedSchedules(state, [daily], NOW)
  const { schedule } = await setSchedule(deps, ROOT, 'obvious', {
    crons: ['0 6 * * *'],
    filter: { minScore: 10 },
  })
  await prefer(state, '@example.com', { schedules: '["obvious"]' })
  return { deps, schedule }
}

test('a schedule is shown with its users and with warnings', async () => {
  const { deps, schedule } = await scheduled()
  const users = { readers: 0, domains: 1, everybody: false }
  expect(await scheduleDetails(deps, undefined, 'obvious')).toEqual({
    schedule,
    users,
    warnings: [expect.stringContaining('It carries only part of the mail')],
  })
  expect(await removalDetails(deps, undefined, 'obvious')).toEqual({
    schedule,
    users,
    standard: 'daily',
    warnings: [],
  })
  expect(await scheduleDetails(deps, undefined, 'none')).toBeUndefined()
  expect(await removalDetails(deps, undefined, 'none')).toBeUndefined()
})

test('only admins who may change a schedule see its details', async () => {
  const { deps } = await scheduled()
  for (const look of [scheduleDetails, removalDetails, scopesOfSchedule]) {
    await expect(look(deps, ['example.com'], 'obvious')).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  }
})
