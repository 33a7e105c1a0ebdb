/** One bar: its parts from the bottom up. */
export interface Bar {
  /** Below the bar. */
  readonly label: string
  /** Shown when the pointer is over the bar. */
  readonly title: string
  readonly parts: readonly { readonly name: string; readonly value: number }[]
}

/** A chart of stacked bars as coordinates for SVG, in pixels. */
export interface BarChart {
  readonly width: number
  readonly height: number
  readonly lines: readonly { readonly y: number; readonly textY: number; readonly label: string }[]
  readonly bars: readonly DrawnBar[]
}

interface DrawnBar {
  readonly middle: number
  readonly labelY: number
  /** Empty if there is no room for it. */
  readonly label: string
  readonly title: string
  readonly x: number
  readonly width: number
  readonly parts: readonly { readonly name: string; readonly y: number; readonly height: number }[]
}

/**
 * Lays out a chart that can be read on a phone held upright.
 *
 * @param highest the value that the scale has to reach, so that charts beside each other have one scale
 */
export function barChart(
  bars: readonly Bar[],
  number: (value: number) => string,
  highest = highestOf(bars),
): BarChart {
  const top = niceTop(highest)
  const scale = (BOTTOM - TOP) / top
  const step = (WIDTH - LEFT) / Math.max(bars.length, 1)
  const width = round(step * 0.72)
  return {
    width: WIDTH,
    height: HEIGHT,
    lines: [0, top / 2, top].map(value => {
      const y = round(BOTTOM - value * scale)
      return { y, textY: y + 4, label: number(value) }
    }),
    bars: bars.map((bar, index) => {
      const x = round(LEFT + index * step + (step - width) / 2)
      return {
        x,
        width,
        middle: round(x + width / 2),
        labelY: BOTTOM + 18,
        // Every second bar has a label, counted from the last one, which is today.
        label: (bars.length - 1 - index) % 2 === 0 ? bar.label : '',
        title: bar.title,
        parts: stacked(bar, scale),
      }
    }),
  }
}

/** The height of the highest bar. */
const highestOf = (bars: readonly Bar[]): number => Math.max(...bars.map(totalOf), 0)

const WIDTH = 320
const HEIGHT = 190
const LEFT = 44
const TOP = 10
const BOTTOM = 162

const totalOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0)

function stacked({ parts }: Bar, scale: number) {
  let below = 0
  return parts
    .filter(({ value }) => value > 0)
    .map(({ name, value }) => {
      below += value
      return { name, y: round(BOTTOM - below * scale), height: round(value * scale) }
    })
}

/** The smallest of 2, 4, 6, 8, 10, 20, 30, 40, … that is not below a value: half of each is a whole number too. */
function niceTop(value: number): number {
  if (value <= 10) return Math.max(2, Math.ceil(value / 2) * 2)
  const power = 10 ** Math.floor(Math.log10(value))
  return Math.ceil(value / power) * power
}

const round = (value: number): number => Math.round(value * 100) / 100
