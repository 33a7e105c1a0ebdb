import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { RELEASE_STATES } from '../../../src/ground/state/states.ts'
import { RELEASE_GROUPS, releasesInGroup } from '../../../src/work/stuck/release-groups.ts'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { insert, itemRow, releaseRow } from '../../embedded/rows.ts'

test('each unfinished or failed release is in exactly one group', async () => {
  const program = await embeddedProgram()
  await insert(program, 'digest_release', [
    ...RELEASE_STATES.map(state => releaseRow(state, NOW - DAY, { state })),
    releaseRow('failed long ago', NOW - 9 * DAY, { state: 'failed', finished_at: NOW - 8 * DAY }),
  ])
  const found = []
  for (const group of RELEASE_GROUPS) {
    const rows = await releasesInGroup(program.state, group, NOW).select('item_id').execute()
    found.push([group, rows.map(row => row.item_id)])
  }
  expect(found).toEqual([
    ['asking', ['releasing']],
    ['queued', ['queued']],
    ['uncertain', ['uncertain']],
    ['failed', ['failed']],
  ])
})

test('a group contains only releases of readers within reach', async () => {
  const program = await embeddedProgram()
  const queued = { state: 'queued' } as const
  await insert(program, 'digest_item', [
    itemRow('ours', 'alice@example.com', NOW),
    itemRow('theirs', 'bob@example.org', NOW),
  ])
  const ids = ['ours', 'theirs', 'of an item that is not kept']
  await insert(
    program,
    'digest_release',
    ids.map(id => releaseRow(id, NOW, queued)),
  )
  const within = async (reach: readonly string[] | undefined) =>
    (await releasesInGroup(program.state, 'queued', NOW, reach).select('item_id').execute()).map(
      row => row.item_id,
    )
  expect(await within(['example.com'])).toEqual(['ours'])
  expect((await within(undefined)).sort()).toEqual(ids.sort())
})

test('a release is in reach when one of the readers of its message is', async () => {
  const program = await embeddedProgram()
  const held = { held_id: 'held' }
  await insert(program, 'digest_item', [
    itemRow('of-alice', 'alice@example.com', NOW, held),
    itemRow('of-bob', 'bob@example.org', NOW, held),
  ])
  await insert(program, 'digest_release', [
    releaseRow('held', NOW, { state: 'queued', asked_item: 'of-bob' }),
  ])
  for (const [domain, found] of [
    ['example.com', 1],
    ['example.org', 1],
    ['example.net', 0],
  ] as const) {
    const rows = releasesInGroup(program.state, 'queued', NOW, [domain]).select('item_id').execute()
    expect(await rows).toHaveLength(found)
  }
})
