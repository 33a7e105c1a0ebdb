import { expect, test } from 'vitest'
import { listSchedules, seedSchedules } from '../../../src/work/schedules/schedules.ts'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
const twice = { name: 'twice', cron: ['0 6 * * *', '0 18 * * 1-5'], timezone: 'UTC', default: false }

const AS_SEEDED = {
  filter: undefined,
  minMessages: 1,
  sendsEmpty: false,
  spread: 0,
  isOffered: false,
  version: 1,
  updatedAt: NOW,
}

test('the configuration fills the table once; from then on only the table counts', async () => {
  const { state } = await embeddedProgram()
  await seedSchedules(state, [daily, twice], NOW)
  await seedSchedules(state, [{ ...daily, name: 'other' }], NOW)
  expect(await listSchedules(state)).toEqual([
    {
      name: 'daily',
      crons: daily.cron,
      timeZone: 'Europe/Paris',
      isDefault: true,
      enabled: true,
      ...AS_SEEDED,
    },
    { name: 'twice', crons: twice.cron, timeZone: 'UTC', isDefault: false, enabled: true, ...AS_SEEDED },
  ])
})

test('without schedules in the configuration the table stays empty', async () => {
  const { state } = await embeddedProgram()
  await seedSchedules(state, [], NOW)
  expect(await listSchedules(state)).toEqual([])
})
