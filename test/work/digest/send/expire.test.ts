import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { expireDigests } from '../../../../src/work/digest/send/expire.ts'
import { leaseDigests } from '../../../../src/work/digest/send/outbox.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'

const EVERYBODY = { schedule: undefined, readers: undefined, dueAt: NOW } as const

/** A program with so many digests, none of which has been tried. */
async function untried(count: number): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  const recipients = Array.from({ length: count }, (_, index) => `reader-${index}@example.com`)
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await run(program.deps, EVERYBODY)
  return program
}

test('digests that nobody sent in time are given up, and the next ones list their messages', async () => {
  const program = await untried(450)
  program.time.now = NOW + DAY - 1
  expect(await expireDigests(program.deps)).toBe(0)
  program.time.now = NOW + DAY
  expect(await expireDigests(program.deps)).toBe(450)
  expect(await program.rows('digest_digest')).toEqual(
    Array.from({ length: 450 }, () => expect.objectContaining({ state: 'failed', finished_at: NOW + DAY })),
  )
  expect(await run(program.deps, EVERYBODY)).toMatchObject({ digests: 450, items: 450 })
  expect(await expireDigests(program.deps)).toBe(0)
})

test('a digest that a living process has leased is left to it; one of a dead process is given up', async () => {
  const program = await untried(2)
  program.time.now = NOW + DAY
  const lease = { owner: 'another', until: NOW + DAY + 1 }
  await leaseDigests(program.state, lease, { now: NOW + DAY, dueAt: NOW + DAY, limit: 1 })
  expect(await expireDigests(program.deps)).toBe(1)
  program.time.now += 1
  expect(await expireDigests(program.deps)).toBe(1)
})

test('looking for digests that are to be given up is one statement while there is none', async () => {
  const program = await untried(1)
  program.statements.length = 0
  expect(await expireDigests(program.deps)).toBe(0)
  expect(program.statements).toHaveLength(1)
})
