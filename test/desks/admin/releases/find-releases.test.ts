import { expect, test } from 'vitest'
import { findReleases } from '../../../../src/desks/admin/releases/find-releases.ts'
import { DAY } from '../../../../src/ground/durations.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { insert, itemRow, releaseRow } from '../../../embedded/rows.ts'

test('releases are listed newest first, with their readers and messages', async () => {
  const program = await filled()
  const { rows, next } = await findReleases(program.deps, undefined, { limit: 2 })
  expect(rows.map(({ heldId, reader, mail }) => [heldId, reader, mail?.subject])).toEqual([
    ['gone', null, undefined],
    ['2', 'alina@example.org', undefined],
  ])
  const rest = await findReleases(program.deps, undefined, { limit: 2, after: next })
  expect(rest.rows.map(({ heldId, mail }) => [heldId, mail?.subject])).toEqual([
    ['1', 'Hello'],
    ['old', undefined],
  ])
  expect(rest.next).toBeUndefined()
  expect(JSON.stringify(rows)).not.toContain('claim')
})

test('releases are found by state, by reader and by domain', async () => {
  const program = await filled()
  const ids = async (query: object, reach?: readonly string[]) =>
    (await findReleases(program.deps, reach, { limit: 100, ...query })).rows.map(({ heldId }) => heldId)
  expect(await ids({ state: 'uncertain' })).toEqual(['2'])
  expect(await ids({ reader: 'alice@example.com' })).toEqual(['1', 'old'])
  expect(await ids({ reader: 'alice@example.com', since: program.time.now - DAY })).toEqual(['1'])
  expect(await ids({ reader: '@example.org' })).toEqual(['2'])
  expect(await ids({}, ['example.org'])).toEqual(['2'])
  await expect(ids({ reader: 'alice@example.com' }, ['example.org'])).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
})

test('a release is found by each reader of its message, and shows who asked', async () => {
  const program = await embeddedProgram()
  const { now } = program.time
  await insert(program, 'digest_item', [
    itemRow('of-alice', 'alice@example.com', now, { held_id: 'held', mail_id: 'mail' }),
    itemRow('of-bob', 'bob@example.org', now, { held_id: 'held', mail_id: 'mail', digest_id: 'of-bob' }),
  ])
  await insert(program, 'digest_release', [
    releaseRow('held', now, { asked_item: 'of-bob', requested_by: 'bob@example.org' }),
  ])
  for (const [query, reach] of [
    [{}, undefined],
    [{ reader: 'alice@example.com' }, undefined],
    [{ reader: 'bob@example.org' }, undefined],
    [{ reader: '@example.com' }, undefined],
    [{}, ['example.com']],
    [{}, ['example.org']],
  ] as const) {
    const { rows } = await findReleases(program.deps, reach, { limit: 10, ...query })
    expect(rows).toMatchObject([
      { heldId: 'held', reader: 'bob@example.org', digestId: 'of-bob', mailId: 'mail' },
    ])
  }
  const nobodys = await findReleases(program.deps, undefined, { limit: 10, reader: 'carol@example.com' })
  expect(nobodys.rows).toEqual([])
})

async function filled() {
  const program = await embeddedProgram()
  const now = program.time.now
  const receivedAt = now - DAY
  const [key] = await hold(program.storage, { recipient: 'alice@example.com', receivedAt, subject: 'Hello' })
  if (!key) throw new Error('nothing was held')
  await insert(program, 'digest_item', [
    itemRow('1', 'alice@example.com', now, { mail_id: key.mailId, mail_at: receivedAt }),
    itemRow('2', 'alina@example.org', now),
    itemRow('old', 'alice@example.com', now),
  ])
  await insert(program, 'digest_release', [
    releaseRow('1', now - 2000),
    releaseRow('2', now - 1000, { requested_by: 'alina@example.org', state: 'uncertain' }),
    releaseRow('gone', now - 1000),
    releaseRow('old', now - 40 * DAY),
  ])
  return program
}
