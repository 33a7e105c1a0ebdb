import { expect, test } from 'vitest'
import { waitingItems } from '../../../src/ground/state/waiting-items.ts'
import { countOf, countSince, findForEach } from '../../../src/work/stuck/count.ts'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { insert, itemRow } from '../../embedded/rows.ts'

test('counts the rows that a query returns, and finds the time of the oldest', async () => {
  const program = await embeddedProgram()
  const { state } = program
  const rows = waitingItems(state).select('collected_at as since')
  expect(await countSince(state, rows)).toEqual({ count: 0, since: undefined })
  await insert(program, 'digest_item', [
    ...[3, 1, 2].map(age => itemRow(`item-${age}`, 'alice@example.com', NOW - age)),
    itemRow('listed', 'alice@example.com', NOW - 9, { digest_id: 'digest' }),
  ])
  expect(await countSince(state, rows)).toEqual({ count: 3, since: NOW - 3 })
  expect(await countOf(state, rows)).toBe(3)
  expect(await countOf(state, rows.limit(2))).toBe(2)
})

test('the queries for several names run one after another', async () => {
  let looking = 0
  const look = async (name: string) => {
    looking += 1
    expect(looking).toBe(1)
    await Promise.resolve()
    looking -= 1
    return name.toUpperCase()
  }
  expect(await findForEach(['a', 'b'], look)).toEqual({ a: 'A', b: 'B' })
})
