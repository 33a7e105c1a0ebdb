import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { accountOf } from '../../src/ground/files/accounts.ts'
import type { TaughtMessage } from '../../src/ground/learning/filter-teacher.ts'
import { createSaLearn } from '../../src/ground/learning/sa-learn/sa-learn.ts'

const folder = mkdtempSync(join(tmpdir(), 'learning-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MESSAGE = Buffer.from(
  'From: a@example.org\nSubject: watches\nMessage-ID: <1@example.org>\n\nBuy watches.\n',
)

const asRoot = () => 0

const message = (octets: Uint8Array = MESSAGE): TaughtMessage => ({
  requestedBy: 'alice@example.com',
  octets: async () => octets,
  handle: async () => undefined,
})

/** A program in the place of sa-learn, which writes what it gets into the folder. */
function program(name: string, body: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  chmodSync(folder, 0o777)
  return path
}

test('sa-learn runs as the user, with the user’s groups and home, and with nothing of our environment', async () => {
  const out = join(folder, 'said')
  const command = program('says', `{ id; echo "$HOME $*"; env; cat; } > ${out}.tmp && mv ${out}.tmp ${out}`)
  process.env.SECRET_OF_OURS = 'secret'
  await createSaLearn({ command, user: 'amavis', timeout: 10_000, service: asRoot }).teach(
    message(),
    'notSpam',
  )
  delete process.env.SECRET_OF_OURS
  const said = readFileSync(out, 'utf8')
  const account = accountOf('amavis')
  expect(said).toContain(`uid=${account?.uid}(amavis)`)
  expect(said).toContain(`${account?.home} --ham`)
  expect(said).not.toContain('SECRET')
  expect(said.endsWith(MESSAGE.toString())).toBe(true)
  expect(statSync(out).uid).toBe(account?.uid)
})

test('root is told when the service, which is not root, cannot run it', async () => {
  const command = program('answers', 'exit 0')
  const as = (user: string, service: number) =>
    createSaLearn({ command, user, timeout: 500, service: () => service }).probe()
  const nobody = accountOf('nobody')?.uid ?? -1
  expect(await as('amavis', nobody)).toMatchObject({
    // There is no line for it in /etc/sudoers here, or no sudo at all.
    message: expect.stringMatching(/does not run for the service, as nobody: .*sudo/),
    fix: expect.stringContaining('Teaching the filter'),
  })
  expect(await as('nobody', nobody)).toBeUndefined()
  expect(await as('amavis', 0)).toBeUndefined()
})

test('the real sa-learn learns, and a message that it passes over is a failure', async () => {
  const home = join(folder, 'home')
  mkdirSync(home)
  const account = accountOf('amavis')
  if (account) chownSync(home, account.uid, account.gid)
  const command = program('learns', `HOME=${home} exec /usr/bin/sa-learn "$@"`)
  const teacher = createSaLearn({ command, user: 'amavis', timeout: 30_000, service: asRoot })
  expect(await teacher.probe()).toBeUndefined()
  await teacher.teach(message(), 'spam')
  expect(readdirSync(join(home, '.spamassassin'))).toContain('bayes_toks')
  const long = Buffer.concat([MESSAGE, Buffer.alloc(600_000, 'a\n')])
  await expect(teacher.teach(message(long), 'spam')).rejects.toThrow('256 KB')
})

test.each([
  ['does not exist', () => join(folder, 'nowhere'), undefined, /nowhere/],
  ['runs too long', () => program('sleeps', 'sleep 60'), undefined, /took longer than/],
  ['fails', () => program('fails', 'echo "no database" >&2; exit 2'), undefined, /ended with 2: no database/],
  ['has no such user', () => program('fine', 'exit 0'), 'nobody_here', /has no user nobody_here/],
])('a program that %s is told as such', async (_, command, user, told) => {
  const teacher = createSaLearn({ command: command(), user, timeout: 500, service: asRoot })
  const failure = await teacher.teach(message(), 'spam').catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'LEARN_FAILED' })
  expect(String(failure)).toMatch(told)
})
