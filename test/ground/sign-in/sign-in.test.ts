import { pino } from 'pino'
import { expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../src/composition/sign-ins-of.ts'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import { askForLink, printLink, signIn } from '../../../src/ground/sign-in/sign-in.ts'
import { adminsOf } from '../../../src/rules/reach/admins.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const [ADMIN, OTHER] = ['root@example.com', 'desk@example.com'] as const

test('a browser gets three links, strangers together seven, and a person at most ten', async () => {
  const { ask, knows, sent } = await desk()
  await knows('own')
  await knows('phone')
  for (let count = 1; count <= 4; count += 1) await ask('one')
  expect(sent()).toBe(3)
  for (let count = 1; count <= 20; count += 1) await ask(`stranger ${count}`, ADMIN, `198.51.${count}.1`)
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
    for (let count = 1; count <= 9; count += 1)
      await ask(`${round} ${count}`, ADMIN, `198.${round}.${count}.1`)
    const before = sent()
    const token = await ask('own')
    expect(sent()).toBe(before + 1)
    await enter(token, 'own')
    time.now += SIGN_IN_LIMITS.linkLifetime
  }
})

test('a browser is known for half a year, and only as the browser of that admin', async () => {
  const { ask, knows, sent, time } = await desk()
  await knows('own')
  for (let count = 1; count <= 7; count += 1) await ask(`stranger ${count}`, OTHER, `198.51.${count}.1`)
  const before = sent()
  await ask('own', OTHER)
  expect(sent()).toBe(before)
  time.now += SIGN_IN_LIMITS.knownFor
  for (let count = 1; count <= 8; count += 1) await ask(`stranger ${count}`, ADMIN, `198.51.${count}.1`)
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

test('one network gets three links; a further one has to wait, twice as long each time', async () => {
  const { ask, sent, time } = await desk()
  const ofOneDay: number[] = []
  for (let minute = 0; minute < 24 * 60; minute += 5) {
    const before = sent()
    for (let count = 1; count <= 8; count += 1)
      await ask(`${minute} ${count}`, ADMIN, `192.0.2.${(minute + count) % 250}`)
    for (let mail = before; mail < sent(); mail += 1) ofOneDay.push(minute)
    time.now += 5 * MINUTE
  }
  expect(ofOneDay).toEqual([0, 0, 0, 15, 45, 105, 225, 465, 945, 1425])
})

test('strangers in one network leave links for everybody else, and refuse those of their own network only', async () => {
  const { ask, enter, sent, time } = await desk()
  for (let round = 1; round <= 10; round += 1) {
    for (let count = 1; count <= 20; count += 1) await ask(`${round} ${count}`, ADMIN, `2001:db8::${count}`)
    const before = sent()
    await enter(await ask(`new ${round}`, ADMIN, '2001:db8:0:100::1'), `new ${round}`)
    expect(sent()).toBe(before + 1)
    time.now += SIGN_IN_LIMITS.linkLifetime
  }
})

test('a network in which a link was used has its share again', async () => {
  const { ask, enter, sent, time } = await desk()
  for (let count = 1; count <= 2; count += 1) await ask(`lost ${count}`)
  await enter(await ask('own'), 'own')
  time.now += MINUTE
  for (let count = 1; count <= 5; count += 1) await ask(`other ${count}`)
  expect(sent()).toBe(6)
})

test('a refused request leaves a line for fail2ban, whatever the reason', async () => {
  const { ask, refusals } = await desk()
  await ask('one', 'mallory@example.net')
  for (let count = 1; count <= 4; count += 1) await ask('one')
  const refused = { what: 'sign-in-link', kind: 'admin', remoteAddress: '192.0.2.1' }
  expect(refusals.added).toEqual([{ ...refused, outcome: 'nobody-found' }])
  expect(refusals.logged).toEqual([{ ...refused, outcome: 'too-many' }])
})

test('a printed link works once, in any browser, for a quarter of an hour, and counts towards no limit', async () => {
  const { ask, deps, enter, sent, rows, time } = await desk()
  const by = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const print = async () => (await printLink(deps, by, ` ${ADMIN.toUpperCase()}`))?.token ?? ''
  for (let count = 1; count <= 12; count += 1) await print()
  const token = await print()
  await enter(token, 'a browser that has never been here')
  await expect(enter(token, 'a browser that has never been here')).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
  })
  for (let count = 1; count <= 3; count += 1) await ask('one')
  expect(sent()).toBe(3)
  const late = await print()
  time.now += 15 * MINUTE
  await expect(enter(late, 'own')).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  expect(await printLink(deps, by, 'mallory@example.net')).toBeUndefined()
  const [printed] = (await rows('digest_audit')).filter(({ outcome }) => outcome === 'printed')
  expect(printed).toMatchObject({ actor: 'root', action: 'sign-in-ask', recipient: ADMIN })
  expect(JSON.stringify(await rows('digest_sign_in'))).not.toContain(token)
})

/** Admins who ask for links, and strangers who do so for them. */
async function desk() {
  const { state, time, rows, refusals } = await embeddedProgram()
  const tokens: string[] = []
  const mailing = { answer: async (): Promise<string | undefined> => undefined }
  const deps = {
    state,
    clock: time.clock,
    people: adminsOf([{ address: ADMIN }, { address: OTHER }]),
    limits: SIGN_IN_LIMITS,
    refusals,
    log: pino({ level: 'silent' }),
    mailLink: ({ token }: { readonly token: string }) => {
      tokens.push(token)
      return mailing.answer()
    },
  }
  const ask = async (browser: string, address: string = ADMIN, remoteAddress = '192.0.2.1') => {
    await askForLink(deps, { address, browser, remoteAddress, languages: ['en'] })
    return tokens.at(-1) ?? ''
  }
  const enter = (token: string, browser: string) =>
    signIn(deps, token, browser, { session: undefined, remoteAddress: '192.0.2.1' })
  const knows = async (browser: string) => {
    await enter(await ask(browser), browser)
    tokens.length = 0
  }
  return { ask, enter, knows, mailing, rows, time, deps, refusals, sent: () => tokens.length }
}
