import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { windowsAgain, windowsOf } from '../../../src/work/collect/windows.ts'

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

test('who comes back looks at each second anew, and when it is a sixteenth, a quarter and all of the overlap old', () => {
  const pauses = fc.array(fc.integer({ min: SECOND, max: 40 * MINUTE }), { minLength: 3, maxLength: 60 })
  fc.assert(
    fc.property(pauses, fc.integer({ min: MINUTE, max: 3 * 60 * MINUTE }), (steps, overlap) => {
      const looks = looksAgain(1e12, steps, overlap)
      const second = (1e12 + (steps[0] ?? 0)) / SECOND
      for (const age of [0, overlap / 16, overlap / 4, overlap]) {
        const due = looks.find(({ now }) => Math.floor((now - age) / SECOND) > second)
        if (due)
          expect(due.windows.some(({ from, to = Infinity }) => from <= second && second < to)).toBe(true)
      }
    }),
  )
})

test('who comes back each minute reads a quarter of what it would read with the whole overlap', () => {
  const [, last] = looksAgain(1e12, [MINUTE, MINUTE], 15 * MINUTE)
  const read = (last?.windows ?? []).map(
    ({ from, to }) => (to ?? Math.floor((last?.now ?? 0) / SECOND)) - from,
  )
  expect(read).toEqual([60, 60, 117])
})

test('after a long pause, all is read once', () => {
  const [look] = looksAgain(1e12, [20 * MINUTE], 15 * MINUTE)
  expect(look?.windows).toEqual([{ from: 1e9 - 15 * 60, to: undefined }])
})

/** What is looked at after each pause. */
function looksAgain(begun: number, pauses: readonly number[], overlap: number) {
  let last = begun
  return pauses.map(pause => {
    const now = last + pause
    const windows = [...windowsAgain(last, now, overlap)]
    last = now
    return { now, windows }
  })
}

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
