import { expect, test } from 'vitest'
import { schedulesUsers } from '../../../../src/desks/admin/schedules/schedule-use.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

test('counts the readers and domains in reach that name a schedule, and always what is set for everybody', async () => {
  const { deps, state } = await embeddedProgram()
  const names = { schedules: '["weekly"]' }
  for (const scope of ['@', '@example.com', '@example.org', 'alice@example.com', 'bob@example.org']) {
    await prefer(state, scope, names)
  }
  const weekly = { readers: 2, domains: 2, everybody: true }
  expect(await schedulesUsers(deps, undefined)).toEqual(new Map([['weekly', weekly]]))
  expect(await schedulesUsers(deps, ['example.com'])).toEqual(
    new Map([['weekly', { readers: 1, domains: 1, everybody: true }]]),
  )
  expect(await schedulesUsers(deps, [])).toEqual(
    new Map([['weekly', { readers: 0, domains: 0, everybody: true }]]),
  )
})
