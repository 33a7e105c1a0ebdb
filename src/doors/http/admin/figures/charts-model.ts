import type { DayFigures } from '../../../../desks/admin/figures/overview.ts'
import { type ContentKind, KINDS } from '../../../../ground/amavis/content.ts'
import { formatTime } from '../../../../ground/display/format.ts'
import type { Writer } from '../../web/writer.ts'
import { type HeldWanted, heldPath } from '../held/held-path.ts'
import { barChart } from './bar-chart.ts'

/** What is counted of each day, in the order of the charts. */
export const MEASURES = ['held', 'listed', 'released'] as const

export type Measure = (typeof MEASURES)[number]

/** The list of what a measure counts: of a day and a kind, or of all since a day. */
export const listOf = (measure: Measure, wanted: Omit<HeldWanted, 'state'>): string =>
  measure === 'listed' ? '/admin/digests' : heldPath({ ...wanted, state: STATE_OF[measure] })

const STATE_OF = { held: undefined, released: 'released' } as const

export const sumOf = (figures: Readonly<Record<ContentKind, number>> | undefined): number =>
  Object.values(figures ?? {}).reduce((sum, value) => sum + value, 0)

/** The kinds that occurred, most frequent first: that one is at the bottom of the bars. */
export function kindsOf(days: readonly DayFigures[]): ContentKind[] {
  const countOf = (kind: ContentKind) => days.reduce((sum, day) => sum + day.held[kind], 0)
  return KINDS.filter(kind => countOf(kind) > 0).sort((a, b) => countOf(b) - countOf(a))
}

export const kindName = (kind: ContentKind, { words }: Writer): string => words.say(`admin.kind.${kind}`)

/** A chart for each measure. They stand beside each other, so they have one scale. */
export function chartsModel(days: readonly DayFigures[], writer: Writer): object {
  const kinds = kindsOf(days)
  const highest = Math.max(0, ...days.flatMap(day => MEASURES.map(measure => sumOf(day[measure]))))
  return {
    days: days.length,
    legend: kinds.map(kind => ({ kind, label: kindName(kind, writer) })),
    charts:
      kinds.length === 0 ? [] : MEASURES.map(measure => chartOf(measure, { days, kinds, highest }, writer)),
  }
}

interface Charted {
  readonly days: readonly DayFigures[]
  readonly kinds: readonly ContentKind[]
  readonly highest: number
}

function chartOf(measure: Measure, { days, kinds, highest }: Charted, writer: Writer) {
  const { words, number } = writer
  const total = days.reduce((sum, day) => sum + sumOf(day[measure]), 0)
  const shown = days.map(day => ({
    day: day.day,
    label: number(Number(day.day.slice(-2))),
    date: dateOf(day.day, writer),
    total: sumOf(day[measure]),
    parts: kinds.map(kind => ({ name: kind, value: day[measure][kind] })),
  }))
  return {
    id: measure,
    title: words.say(`admin.overview.chart.${measure}`),
    summary: words.say('admin.overview.chart.summary', { total, days: days.length }),
    url: total > 0 ? writer.url(listOf(measure, { since: days[0]?.day })) : undefined,
    chart: barChart(
      shown.map(({ label, date, total, parts }) => ({
        label,
        parts,
        title: [`${date}: ${number(total)}`, ...parts.filter(({ value }) => value > 0).map(titleLine)].join(
          '\n',
        ),
      })),
      value => compact(value, writer),
      highest,
    ),
    columns: kinds.map(kind => kindName(kind, writer)),
    rows: shown.toReversed().map(({ day, date, total, parts }) => ({
      date,
      cells: [
        ...parts.map(({ name, value }) => cellOf(value, listOf(measure, { kind: name, day }))),
        cellOf(total, listOf(measure, { day })),
      ],
    })),
  }

  function titleLine({ name, value }: { readonly name: ContentKind; readonly value: number }): string {
    return `${kindName(name, writer)}: ${number(value)}`
  }

  function cellOf(value: number, path: string) {
    return { value: number(value), url: value > 0 ? writer.url(path) : undefined }
  }
}

/** A calendar day, which does not depend on a time zone. */
const dateOf = (day: string, { place }: Writer): string =>
  formatTime(Date.parse(day), 'shortDay', { language: place.language, timeZone: 'UTC' })

const compact = (value: number, { words }: Writer): string =>
  new Intl.NumberFormat(words.language, { notation: 'compact' }).format(value)
