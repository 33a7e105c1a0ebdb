import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { windowsOf } from '../../../src/work/collect/windows.ts'

test('windows follow each other without a gap, last at most an hour, and the newest has no end', () => {
  const time = fc.integer({ min: 0, max: 4e12 })
  fc.assert(
    fc.property(time, fc.integer({ min: -1e9, max: 40 * DAY }), (from, span) => {
      const windows = [...windowsOf(from, from + span)]
      expect(windows[0]?.from).toBe(Math.floor(from / 1000))
      expect(windows.at(-1)?.to).toBeUndefined()
      for (const [index, window] of windows.slice(0, -1).entries()) {
        expect(window.to).toBe(windows[index + 1]?.from)
        expect((window.to ?? 0) - window.from).toBeLessThanOrEqual(3600)
      }
    }),
  )
})

test('a time before the epoch counts as the epoch', () => {
  expect([...windowsOf(-5000, 1000)]).toEqual([{ from: 0, to: undefined }])
})

test('the id of an item is always the same for a row, and different for every other row', () => {
  const row = { partitionTag: 12, mailId: 'j_hWRAnY0bvs', rseqnum: 1, timeNum: 1_773_205_200 }
  expect(heldIdOf(row)).toBe(heldIdOf({ ...row }))
  const ids = [
    row,
    { ...row, partitionTag: 1 },
    { ...row, mailId: 'j_hWRAnY0bvS' },
    { ...row, rseqnum: 2 },
    { ...row, timeNum: row.timeNum + 31_536_000 },
    { ...row, partitionTag: 121, mailId: '2j_hWRAnY0bvs' },
  ].map(heldIdOf)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[\w-]{20}$/)
})
