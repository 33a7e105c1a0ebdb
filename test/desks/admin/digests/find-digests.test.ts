import { expect, test } from 'vitest'
import { findDigest } from '../../../../src/desks/admin/digests/find-digest.ts'
import { findDigests } from '../../../../src/desks/admin/digests/find-digests.ts'
import { resendDigest } from '../../../../src/desks/admin/digests/resend.ts'
import { dropByHand } from '../../../../src/desks/admin/stuck/by-hand.ts'
import { DAY } from '../../../../src/ground/durations.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, itemRow, releaseRow } from '../../../embedded/rows.ts'

test('digests are listed newest first, page by page, even when several were made at the same time', async () => {
  const program = await filled()
  const seen: string[] = []
  let next: string | undefined
  do {
    const page = await findDigests(program.deps, undefined, { limit: 2, after: next })
    seen.push(...page.rows.map(({ id }) => id))
    next = page.next
  } while (next !== undefined)
  expect(seen).toEqual(['d5', 'd4', 'd3', 'd2', 'd1', 'old'])
})

test('digests are found by reader in any spelling, by domain, by state and by time', async () => {
  const program = await filled()
  const now = program.time.now
  const ids = async (query: object) =>
    (await findDigests(program.deps, undefined, { limit: 100, ...query })).rows.map(({ id }) => id)
  expect(await ids({ reader: 'Alice@EXAMPLE.com' })).toEqual(['d3', 'd2', 'd1', 'old'])
  expect(await ids({ reader: '@example.org' })).toEqual(['d5'])
  expect(await ids({ reader: '@example.com' })).toEqual(['d4', 'd3', 'd2', 'd1'])
  expect(await ids({ reader: '@example.com', since: 0 })).toContain('old')
  expect(await ids({ state: 'failed' })).toEqual(['d2'])
  expect(await ids({ since: now - 1500 })).toEqual(['d5', 'd4'])
  await expect(ids({ reader: 'nonsense' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  await expect(ids({ after: '1.2.3' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('an admin of one domain sees its digests, and no others', async () => {
  const program = await filled()
  const ids = async (query: object) =>
    (await findDigests(program.deps, ['example.org'], { limit: 100, ...query })).rows.map(({ id }) => id)
  expect(await ids({})).toEqual(['d5'])
  await expect(ids({ reader: 'alice@example.com' })).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  const refusal = { code: 'DIGEST_UNKNOWN', message: expect.not.stringContaining('@') }
  await expect(findDigest(program.deps, ['example.org'], 'd1')).rejects.toMatchObject(refusal)
})

test('a digest is listed with its schedule and the reply of the server', async () => {
  const program = await filled()
  const { rows } = await findDigests(program.deps, undefined, { limit: 1, state: 'failed' })
  expect(rows[0]).toMatchObject({ schedule: 'weekdays', reply: '550 5.1.1 No such user', resent: 0 })
})

test('a digest is shown with what admins did with it, and nothing about other digests', async () => {
  const program = await filled()
  const root = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const by = { actor: root, reach: undefined }
  const resendDeps = { state: program.state, lifetime: DAY, clock: () => program.time.now }
  program.time.now += 1000
  await resendDigest(resendDeps, by, 'd3')
  program.time.now += 1000
  const noDigests = async () => ({ digests: 0, sent: 0 })
  await dropByHand({ ...program.deps, sendNow: noDigests }, { kind: 'digest', what: ['d3'], by })
  const actions = async (id: string) =>
    (await findDigest(program.deps, undefined, id)).audit.map(({ action, actor }) => [action, actor])
  expect(await actions('d3')).toEqual([
    ['drop', 'root'],
    ['resend', 'root'],
  ])
  expect(await actions('d4')).toEqual([])
})

test('a digest is shown with its messages and their releases', async () => {
  const program = await filled()
  const receivedAt = program.time.now - DAY
  const [key] = await hold(program.storage, {
    recipient: 'alice@example.com',
    receivedAt,
    subject: 'Hello',
  })
  if (!key) throw new Error('nothing was held')
  await insert(program, 'digest_item', [
    itemRow('1', 'alice@example.com', program.time.now, {
      mail_id: key.mailId,
      mail_at: receivedAt,
      digest_id: 'd1',
    }),
    itemRow('2', 'alice@example.com', program.time.now, { digest_id: 'd1' }),
  ])
  await insert(program, 'digest_release', [releaseRow('2', program.time.now)])
  const { digest, messages } = await findDigest(program.deps, undefined, 'd1')
  expect(digest.id).toBe('d1')
  expect(messages.map(({ itemId, mail, release }) => [itemId, mail?.subject, release?.state])).toEqual([
    ['2', undefined, 'released'],
    ['1', 'Hello', undefined],
  ])
  expect(JSON.stringify(messages)).not.toContain('claim')
  await expect(findDigest(program.deps, undefined, 'none')).rejects.toMatchObject({ code: 'DIGEST_UNKNOWN' })
})

async function filled(): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  const now = program.time.now
  await insert(program, 'digest_digest', [
    digestRow('old', 'alice@example.com', now - 40 * DAY),
    digestRow('d1', 'alice@example.com', now - 2000),
    digestRow('d2', 'alice@example.com', now - 2000, { state: 'failed', reply: '550 5.1.1 No such user' }),
    digestRow('d3', 'alice@example.com', now - 2000),
    digestRow('d4', 'bob@example.com', now - 1000),
    digestRow('d5', 'alina@example.org', now),
  ])
  await program.state.sql
    .insertInto('digest_run')
    .values({
      run_id: 'run-d2',
      schedule: 'weekdays',
      due_at: now,
      started_at: now,
      finished_at: now,
      lease_owner: null,
      lease_until: null,
    })
    .execute()
  return program
}
