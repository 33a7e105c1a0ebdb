import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ADMIN_LIMITS } from '../../../src/composition/sign-ins-of.ts'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import { askForLink, signIn } from '../../../src/ground/sign-in/sign-in.ts'
import { adminsOf } from '../../../src/rules/reach/admins.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const [ADMIN, OTHER] = ['root@example.com', 'desk@example.com'] as const

test('a browser gets three links, strangers together seven, and a person at most ten', async () => {
  const { ask, knows, sent } = await desk()
  await knows('own')
  await knows('phone')
  for (let count = 1; count <= 4; count += 1) await ask('one')
  expect(sent()).toBe(3)
  for (let count = 1; count <= 20; count += 1) await ask(`stranger ${count}`)
  expect(sent()).toBe(7)
  for (let count = 1; count <= 4; count += 1) await ask('own')
  expect(sent()).toBe(10)
  await ask('phone')
  expect(sent()).toBe(10)
  await ask('one', OTHER)
  expect(sent()).toBe(11)
})

test('strangers who keep asking cannot lock an admin out of a browser that has signed in', async () => {
  const { ask, knows, sent, time, enter } = await desk()
  await knows('own')
  for (let round = 1; round <= 5; round += 1) {
    for (let count = 1; count <= 9; count += 1) await ask(`${round} ${count}`)
    const before = sent()
    const token = await ask('own')
    expect(sent()).toBe(before + 1)
    await enter(token, 'own')
    time.now += ADMIN_LIMITS.linkLifetime
  }
})

test('a browser is known for half a year, and only as the browser of that admin', async () => {
  const { ask, knows, sent, time } = await desk()
  await knows('own')
  for (let count = 1; count <= 7; count += 1) await ask(`stranger ${count}`, OTHER)
  const before = sent()
  await ask('own', OTHER)
  expect(sent()).toBe(before)
  time.now += ADMIN_LIMITS.knownFor
  for (let count = 1; count <= 8; count += 1) await ask(`stranger ${count}`)
  expect(sent()).toBe(before + 7)
  await ask('own')
  expect(sent()).toBe(before + 7)
})

test('links made while a clock was ahead are invalid, and do not count towards the limit', async () => {
  const { ask, enter, sent, time } = await desk()
  const ahead = 300 * DAY
  time.now += ahead
  const tokens = [await ask('own'), await ask('own'), await ask('own')]
  time.now -= ahead
  for (const token of tokens) await expect(enter(token, 'own')).rejects.toThrow('sign-in link')
  await enter(await ask('own'), 'own')
  expect(sent()).toBe(4)
})

test('a link that could not be mailed is invalid, and does not count towards the limit', async () => {
  const { ask, sent, enter, mailing } = await desk()
  mailing.answer = async () => '452 4.3.1 Disk full'
  const token = await ask('own')
  for (let count = 1; count <= 4; count += 1) await ask('own')
  mailing.answer = () => Promise.reject(new Error('no template'))
  await expect(ask('own')).rejects.toThrow('no template')
  mailing.answer = async () => undefined
  const before = sent()
  for (let count = 1; count <= 4; count += 1) await ask('own')
  expect(sent()).toBe(before + 3)
  await expect(enter(token, 'own')).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
})

test('too many requests are recorded once a minute for each admin', async () => {
  const { ask, rows, time } = await desk()
  for (const admin of [ADMIN, OTHER]) for (let count = 1; count <= 20; count += 1) await ask('one', admin)
  time.now += MINUTE
  await ask('one')
  const recorded = (await rows('digest_audit')).filter(({ outcome }) => outcome === 'too-many')
  expect(recorded.map(({ actor }) => actor)).toEqual([ADMIN, OTHER, ADMIN])
})

/** Admins who ask for links, and strangers who do so for them. */
async function desk() {
  const { state, time, rows } = await embeddedProgram()
  const tokens: string[] = []
  const mailing = { answer: async (): Promise<string | undefined> => undefined }
  const deps = {
    state,
    clock: time.clock,
    people: adminsOf([{ address: ADMIN }, { address: OTHER }]),
    limits: ADMIN_LIMITS,
    nobodyFound: 'nobody was found',
    log: pino({ level: 'silent' }),
    mailLink: ({ token }: { readonly token: string }) => {
      tokens.push(token)
      return mailing.answer()
    },
  }
  const ask = async (browser: string, address: string = ADMIN) => {
    await askForLink(deps, { address, browser, remoteAddress: '192.0.2.1', languages: ['en'] })
    return tokens.at(-1) ?? ''
  }
  const enter = (token: string, browser: string) =>
    signIn(deps, token, browser, { session: undefined, remoteAddress: '192.0.2.1' })
  const knows = async (browser: string) => {
    await enter(await ask(browser), browser)
    tokens.length = 0
  }
  return { ask, enter, knows, mailing, rows, time, sent: () => tokens.length }
}
