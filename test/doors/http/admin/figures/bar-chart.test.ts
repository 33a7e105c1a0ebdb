import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barChart } from '../../../../../src/doors/http/admin/figures/bar-chart.ts'

const plain = (value: number) => String(value)

const bar = (...values: readonly number[]) => ({
  label: 'day',
  title: 'A day',
  parts: values.map((value, index) => ({ name: `part ${index}`, value })),
})

test.each([
  [0, ['0', '1', '2']],
  [1, ['0', '1', '2']],
  [3, ['0', '2', '4']],
  [10, ['0', '5', '10']],
  [11, ['0', '10', '20']],
  [46, ['0', '25', '50']],
  [101, ['0', '100', '200']],
  [12_345, ['0', '10000', '20000']],
])('for a maximum of %i, the lines are at %j', (value, labels) => {
  expect(barChart([bar(value)], plain).lines.map(({ label }) => label)).toEqual(labels)
})

test('parts are stacked without a gap from the bottom up, and zero values are left out', () => {
  const chart = barChart([bar(6, 0, 4)], plain)
  const [ground, , top] = chart.lines
  const [drawn] = chart.bars
  expect(drawn?.parts.map(({ name }) => name)).toEqual(['part 0', 'part 2'])
  const [first, second] = drawn?.parts ?? []
  expect((first?.y ?? 0) + (first?.height ?? 0)).toBeCloseTo(ground?.y ?? -1)
  expect((second?.y ?? 0) + (second?.height ?? 0)).toBeCloseTo(first?.y ?? -1)
  expect(second?.y).toBeCloseTo(top?.y ?? -1)
})

test('every second bar has a label, and the last one always has', () => {
  const labels = barChart(
    Array.from({ length: 14 }, () => bar(1)),
    plain,
  ).bars.map(({ label }) => label)
  expect(labels.filter(label => label !== '')).toHaveLength(7)
  expect(labels.at(-1)).toBe('day')
})

test('no bar leaves the picture, whatever the values are', () => {
  const figures = fc.array(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 7 }), {
    minLength: 1,
    maxLength: 31,
  })
  fc.assert(
    fc.property(figures, all => {
      const { bars, width, height } = barChart(
        all.map(values => bar(...values)),
        plain,
      )
      for (const drawn of bars) {
        expect(drawn.x).toBeGreaterThan(0)
        expect(drawn.x + drawn.width).toBeLessThanOrEqual(width)
        for (const part of drawn.parts) {
          expect(part.y).toBeGreaterThanOrEqual(0)
          expect(part.y + part.height).toBeLessThanOrEqual(height)
        }
      }
    }),
    { numRuns: 50 },
  )
})
