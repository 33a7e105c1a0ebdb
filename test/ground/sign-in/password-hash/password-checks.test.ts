import { expect, test } from 'vitest'
import {
  passwordChecks,
  TooManyChecks,
} from '../../../../src/ground/sign-in/password-hash/password-checks.ts'
import { readPasswordHash } from '../../../../src/ground/sign-in/password-hash/password-hash.ts'

const QUICK = hashOf('$5$salt$BZvXNxLYlflxkpKC8/t.vlgPbM2nAIGLbmpuF04Q0NA')
const SLOW = hashOf(`$6$rounds=500000$salt$${'.'.repeat(86)}`)

test('passwords are compared in a thread, which is broken off and started anew when nobody waits any more', async () => {
  await using checks = passwordChecks()
  const gaveUp = new AbortController()
  const slow = checks.isPassword('äx', SLOW, gaveUp.signal)
  const behind = checks.isPassword('äx', QUICK, soon())
  setTimeout(() => gaveUp.abort(new Error('nobody waits')), 20)
  await expect(slow).rejects.toThrow('nobody waits')
  expect(await behind).toBe(true)
  expect(await checks.isPassword('wrong', QUICK, soon())).toBe(false)
})

test('a flood of passwords is refused instead of waiting', async () => {
  await using checks = passwordChecks()
  const gaveUp = new AbortController()
  const many = Array.from({ length: 101 }, () => checks.isPassword('x', SLOW, gaveUp.signal))
  await expect(many.at(-1)).rejects.toThrow(TooManyChecks)
  gaveUp.abort(new Error('enough'))
  const outcomes = await Promise.allSettled(many)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
})

function hashOf(text: string) {
  const hash = readPasswordHash(text)
  if (!hash) throw new Error('not a hash')
  return hash
}

const soon = () => AbortSignal.timeout(20_000)
