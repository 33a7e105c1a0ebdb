import { pino } from 'pino'
import { expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../src/composition/sign-ins-of.ts'
import { createSignIns } from '../../../src/ground/sign-in/sign-ins.ts'
import { adminsOf } from '../../../src/rules/reach/admins.ts'
import { refuseAudit } from '../../embedded/no-audit.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const FROM = '192.0.2.1'

test('signing out on all devices also ends the unused links of that person, and of nobody else', async () => {
  const { signIns, admin, ask } = await desk()
  const [own, others] = [await ask('root@example.com'), await ask('desk@example.com')]
  await signIns.openLink(own, 'browser')
  await signIns.signOutEverywhere(admin, FROM)
  await expect(signIns.openLink(own, 'browser')).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  await signIns.openLink(others, 'browser')
})

test('nobody is signed out without an audit entry', async () => {
  const { signIns, admin, ask, state } = await desk()
  const sign = { session: undefined, remoteAddress: FROM }
  const session = await signIns.signIn(await ask('root@example.com'), 'browser', sign)
  await refuseAudit(state)
  await expect(signIns.signOut(session, admin, FROM)).rejects.toThrow()
  await expect(signIns.signOutEverywhere(admin, FROM)).rejects.toThrow()
  expect(await signIns.personOf(session)).toBe(admin)
})

async function desk() {
  const { state, time, refusals } = await embeddedProgram()
  const admins = adminsOf([{ address: 'root@example.com' }, { address: 'desk@example.com' }])
  const admin = admins.find('root@example.com')
  if (!admin) throw new Error('there is no admin')
  const tokens: string[] = []
  const signIns = createSignIns({
    state,
    clock: time.clock,
    people: admins,
    limits: SIGN_IN_LIMITS,
    refusals,
    log: pino({ level: 'silent' }),
    mailLink: async ({ token }) => void tokens.push(token),
  })
  const ask = async (address: string) => {
    signIns.askForLink({ address, browser: 'browser', remoteAddress: FROM, languages: [] })
    // Disposing waits for the pending requests.
    await signIns[Symbol.asyncDispose]()
    return tokens.at(-1) ?? ''
  }
  return { signIns, admin, ask, state }
}
