import { expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../src/composition/sign-ins-of.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { beginSession, CLOCK_TOLERANCE, personOfSession } from '../../../src/ground/sign-in/sessions.ts'
import { adminsOf } from '../../../src/rules/reach/admins.ts'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('a session ends after two idle hours, and after twelve hours in any case', async () => {
  const { begin, adminAt } = await desk()
  const id = await begin(NOW)
  expect(await adminAt(id, NOW + 2 * HOUR)).toBeUndefined()
  for (let at = NOW + HOUR; at < NOW + SIGN_IN_LIMITS.sessionLifetime; at += HOUR)
    expect(await adminAt(id, at)).toBeDefined()
  expect(await adminAt(id, NOW + SIGN_IN_LIMITS.sessionLifetime)).toBeUndefined()
})

test('a session that was begun while a clock was ahead is over once the clock is right again', async () => {
  const { begin, adminAt } = await desk()
  const id = await begin(NOW + 300 * DAY)
  expect(await adminAt(id, NOW)).toBeUndefined()
  expect(await adminAt(id, NOW + 300 * DAY - CLOCK_TOLERANCE - 1)).toBeUndefined()
  expect(await adminAt(id, NOW + 300 * DAY - CLOCK_TOLERANCE)).toBeDefined()
})

test('an admin who was removed from the configuration and added again has to sign in again', async () => {
  const { begin, adminAt } = await desk()
  const id = await begin(NOW)
  expect(await adminAt(id, NOW, adminsOf([]))).toBeUndefined()
  expect(await adminAt(id, NOW)).toBeUndefined()
})

/** Sessions of an admin, at times that the test chooses. */
async function desk() {
  const { state, time } = await embeddedProgram()
  const admins = adminsOf([{ address: 'root@example.com' }])
  const deps = { state, clock: time.clock, limits: SIGN_IN_LIMITS }
  const admin = admins.find('root@example.com')
  if (!admin) throw new Error('there is no admin')
  return {
    begin(at: number) {
      time.now = at
      return beginSession(deps, admin)
    },
    adminAt(id: string, at: number, configured = admins) {
      time.now = at
      return personOfSession({ ...deps, people: configured }, id)
    },
  }
}
