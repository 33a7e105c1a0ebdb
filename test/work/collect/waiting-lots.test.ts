import { expect, test } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { waitingLots } from '../../../src/work/collect/waiting-lots.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('however unevenly the items are spread, a lot holds no more than it may, or one reader alone', async () => {
  const { deps, state, storage } = await embeddedProgram()
  const counts = { a: 1, b: 30, c: 2, d: 3, e: 4, f: 1, g: 1, h: 1, i: 1, j: 9, k: 2 }
  const recipients = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, () => `${name}@example.com`),
  )
  await hold(storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await collect(deps, NOW)
  const lotsOf = async (only?: readonly string[]) => {
    const lots: string[] = []
    for await (const lot of waitingLots(state, { readers: 4, items: 10 }, only))
      lots.push(lot.map(reader => reader.slice(0, 1)).join(''))
    return lots
  }
  expect(await lotsOf()).toEqual(['a', 'b', 'cdef', 'ghi', 'j', 'k'])
  expect(await lotsOf(['c@example.com', 'k@example.com', 'nobody@example.com'])).toEqual(['ck'])
  expect(await lotsOf(['nobody@example.com'])).toEqual([])
})
