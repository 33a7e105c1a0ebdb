import { expect, test } from 'vitest'
import { heldMailBetween, heldMailPage } from '../../../src/ground/amavis/held-mail-between.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('pages of a window hold each of its rows once, and never separate those of one second', async () => {
  const { storage } = await embeddedProgram()
  const seconds = [1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 5, 5, 9]
  const mails = seconds.map((second, index) => ({
    recipient: `r${index}@example.com`,
    receivedAt: NOW + second * 1000,
    content: index === 0 ? 'V' : 'S',
  }))
  await hold(storage, ...mails)
  const filter = { localOnly: true, excludedKinds: ['virus'] } as const
  const begin = Math.floor(NOW / 1000)
  const pages: number[][] = []
  for (let from: number | undefined = begin; from !== undefined; ) {
    const page = await heldMailPage(storage.sql, filter, { from, to: begin + 9 }, 4)
    pages.push(page.rows.map(({ timeNum }) => timeNum - begin))
    from = page.next
  }
  const all = await heldMailBetween(storage.sql, filter, begin, begin + 9)
  expect(pages.flat().toSorted()).toEqual(all.map(({ timeNum }) => timeNum - begin).toSorted())
  for (const second of new Set(pages.flat()))
    expect(pages.filter(page => page.includes(second))).toHaveLength(1)
  expect(Math.max(...pages.map(page => page.length))).toBe(6)
})
