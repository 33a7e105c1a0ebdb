import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { PasswordMethod, Verdict } from '../../../src/ground/sign-in/methods.ts'
import { createPasswords } from '../../../src/ground/sign-in/passwords.ts'
import { manualClock } from '../../embedded/clock.ts'
import { openEmbeddedDatabase } from '../../embedded/database.ts'

const REQUEST = {
  kind: 'reader',
  name: 'alice@example.com',
  browser: 'own',
  remoteAddress: '192.0.2.1',
} as const

test('a hundred attempts at once reach the server five times', async () => {
  const { check, asked } = await passwordsAt({ outcome: 'refused' })
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      check({ ...REQUEST, browser: `b${index}`, password: `p${index}` }),
    ),
  )
  expect(asked).toHaveLength(5)
  expect(answers.filter(({ is }) => is === 'too-many')).toHaveLength(95)
})

test('who has signed in there before still gets in while strangers try', async () => {
  let right = true
  const { check } = await passwordsAt(() =>
    right ? { outcome: 'accepted', addresses: [] } : { outcome: 'refused' },
  )
  expect(await check({ ...REQUEST, password: 'right' })).toMatchObject({ is: 'accepted' })
  right = false
  for (let count = 0; count < 8; count++) await check({ ...REQUEST, browser: 'theirs', password: 'wrong' })
  expect(await check({ ...REQUEST, browser: 'theirs', password: 'wrong' })).toEqual({ is: 'too-many' })
  right = true
  expect(await check({ ...REQUEST, password: 'right' })).toMatchObject({ is: 'accepted' })
})

test('an attempt that got no answer does not count, and what cannot be a password is asked nobody', async () => {
  const { check, asked } = await passwordsAt({ outcome: 'away', why: 'ECONNREFUSED' })
  for (let count = 0; count < 8; count++)
    expect(await check({ ...REQUEST, password: 'x' })).toEqual({ is: 'unreachable' })
  asked.length = 0
  for (const wrong of [
    { password: '' },
    { password: 'a\0b' },
    { password: 'x', name: 'a\r\nb' },
    { password: 'x', name: ' ' },
  ])
    expect(await check({ ...REQUEST, ...wrong })).toEqual({ is: 'refused' })
  expect(asked).toEqual([])
})

test('a server that hangs leaves time for the next one', async () => {
  const hanging: PasswordMethod = {
    kind: 'imap',
    check: (_, signal) => setTimeout(60_000, { outcome: 'refused' }, { signal }),
  }
  const { check } = await passwordsAt(
    { outcome: 'accepted', addresses: [] },
    { before: [hanging], timeout: 400 },
  )
  expect(await check({ ...REQUEST, password: 'right' })).toMatchObject({ is: 'accepted' })
})

async function passwordsAt(
  verdict: Verdict | (() => Verdict),
  {
    before = [],
    timeout = 5000,
  }: { readonly before?: readonly PasswordMethod[]; readonly timeout?: number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-passwords-'))
  const database = await openEmbeddedDatabase(folder)
  onTestFinished(async () => {
    await database[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const asked: string[] = []
  const method: PasswordMethod = {
    kind: 'imap',
    async check({ password }) {
      asked.push(password)
      return typeof verdict === 'function' ? verdict() : verdict
    },
  }
  const passwords = createPasswords({
    state: database.state,
    clock: manualClock().clock,
    methods: [...before, method],
    log: pino({ level: 'silent' }),
    timeout,
  })
  if (!passwords) throw new Error('There is a method')
  return { check: passwords.check, asked }
}
