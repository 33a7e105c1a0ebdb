import type { DayFigures } from '../../../../desks/admin/figures/overview.ts'
import type { ComingRun } from '../../../../desks/admin/schedules/coming-runs.ts'
import type { Stuck } from '../../../../desks/admin/stuck/stuck.ts'
import { type ContentKind, KINDS } from '../../../../ground/amavis/content.ts'
import { formatTime } from '../../../../ground/display/format.ts'
import { DAY } from '../../../../ground/durations.ts'
import { nameOfPart, type PartState } from '../../../../ground/health/part-state.ts'
import type { UnusedLinks } from '../../../../ground/sign-in/mailed-links.ts'
import type { CountSince } from '../../../../work/stuck/count.ts'
import { FAILURES_SHOWN_FOR } from '../../../../work/stuck/group.ts'
import type { Writer } from '../frame/admin-pages.ts'
import { barChart } from './bar-chart.ts'

export interface OverviewFacts {
  readonly days: readonly DayFigures[]
  readonly stuck: Stuck
  readonly runs: readonly ComingRun[]
  readonly health: readonly PartState[]
  /** The sign-in links that were mailed to this admin within a day and that nobody has used. */
  readonly unusedLinks: UnusedLinks
}

/** Fills the overview. */
export function overviewModel(
  { days, stuck, runs, health, unusedLinks }: OverviewFacts,
  writer: Writer,
): object {
  const kinds = kindsOf(days)
  return {
    today: MEASURES.map(measure => ({
      label: writer.words.say(`admin.overview.today.${measure}`),
      value: writer.number(sumOf(days.at(-1)?.[measure])),
    })),
    days: days.length,
    legend: kinds.map(kind => ({ kind, label: kindName(kind, writer) })),
    charts: kinds.length === 0 ? [] : MEASURES.map(measure => chartOf(measure, days, kinds, writer)),
    ...stuckModel(stuck, writer),
    signIns: unusedLinksLine(unusedLinks, writer),
    runs: runs.map(({ schedule, at }) => ({
      schedule,
      at: writer.time(at),
      machine: new Date(at).toISOString(),
    })),
    health: shownStates(health).map(({ part, host, code }) => ({
      part: nameOfPart({ part: partName(part, writer), host }),
      code,
    })),
  }
}

const MEASURES = ['held', 'listed', 'released'] as const

type Measure = (typeof MEASURES)[number]

/** The kinds that occurred, most frequent first: that one is at the bottom of the bars. */
function kindsOf(days: readonly DayFigures[]): ContentKind[] {
  const countOf = (kind: ContentKind) => days.reduce((sum, day) => sum + day.held[kind], 0)
  return KINDS.filter(kind => countOf(kind) > 0).sort((a, b) => countOf(b) - countOf(a))
}

const sumOf = (figures: Readonly<Record<ContentKind, number>> | undefined): number =>
  Object.values(figures ?? {}).reduce((sum, value) => sum + value, 0)

const kindName = (kind: ContentKind, { words }: Writer): string => words.say(`admin.kind.${kind}`)

function chartOf(
  measure: Measure,
  days: readonly DayFigures[],
  kinds: readonly ContentKind[],
  writer: Writer,
) {
  const { words, number } = writer
  const total = days.reduce((sum, day) => sum + sumOf(day[measure]), 0)
  const shown = days.map(day => ({
    label: number(Number(day.day.slice(-2))),
    date: dateOf(day.day, writer),
    total: sumOf(day[measure]),
    parts: kinds.map(kind => ({ name: kind, value: day[measure][kind] })),
  }))
  return {
    id: measure,
    title: words.say(`admin.overview.chart.${measure}`),
    summary: words.say('admin.overview.chart.summary', { total, days: days.length }),
    chart: barChart(
      shown.map(({ label, date, total, parts }) => ({
        label,
        parts,
        title: [`${date}: ${number(total)}`, ...parts.filter(({ value }) => value > 0).map(titleLine)].join(
          '\n',
        ),
      })),
      value => compact(value, writer),
    ),
    columns: kinds.map(kind => kindName(kind, writer)),
    rows: shown.toReversed().map(({ date, total, parts }) => ({
      date,
      values: parts.map(({ value }) => number(value)),
      total: number(total),
    })),
  }

  function titleLine({ name, value }: { readonly name: ContentKind; readonly value: number }): string {
    return `${kindName(name, writer)}: ${number(value)}`
  }
}

/** A calendar day, which does not depend on a time zone. */
const dateOf = (day: string, { place }: Writer): string =>
  formatTime(Date.parse(day), 'shortDay', { language: place.language, timeZone: 'UTC' })

const compact = (value: number, { words }: Writer): string =>
  new Intl.NumberFormat(words.language, { notation: 'compact' }).format(value)

function stuckModel({ waiting, digests, releases }: Stuck, writer: Writer) {
  // Failures are final, so only recent ones are counted here; the lists show all of them.
  const lately = writer.words.say('admin.clicks.days', { count: FAILURES_SHOWN_FOR / DAY })
  const line = (
    name: string,
    { count, since }: CountSince,
    mood: 'wait' | 'bad',
    path: string,
    span?: string,
  ) => ({
    label: writer.words.say(`admin.overview.stuck.${name}`),
    advice: writer.words.say(`admin.overview.advice.${name}`),
    count: writer.number(count),
    since: since === undefined ? '' : writer.time(since),
    mood,
    moodName: writer.words.say(`admin.overview.${mood}`),
    url: writer.url(path),
    isThere: count > 0,
    span,
  })
  const lines = [
    line('uncertain', releases.uncertain, 'bad', '/admin/releases?state=uncertain'),
    line('failedReleases', releases.failed, 'bad', '/admin/releases?state=failed', lately),
    line('failedDigests', digests.failed, 'bad', '/admin/digests?state=failed', lately),
    line('putOff', digests.putOff, 'wait', '/admin/digests?state=pending'),
    line('queued', releases.queued, 'wait', '/admin/releases?state=queued'),
  ]
  return {
    stuck: lines.filter(({ isThere }) => isThere),
    waiting: {
      count: waiting.count,
      since: waiting.since === undefined ? undefined : writer.time(waiting.since),
    },
  }
}

/** An admin asks for a link or two that are not used. More were asked for by somebody else. */
function unusedLinksLine(
  { count, last, networks }: UnusedLinks,
  { words, time }: Writer,
): string | undefined {
  if (last === undefined || count < STRANGERS_FROM) return undefined
  return words.say('admin.overview.unusedLinks', {
    count,
    networks,
    when: time(last.at),
    network: last.network ?? '?',
  })
}

const STRANGERS_FROM = 3

/** Work is shown only while it fails. */
const shownStates = (states: readonly PartState[]) =>
  states.filter(({ part, code }) => PARTS.includes(part) || code !== undefined)

const PARTS = ['storage', 'state', 'queue', 'smtp', 'amavisd', 'keys']

/** A part without a name in the locales is named as in /readyz. */
const partName = (part: string, { words }: Writer): string =>
  PARTS.includes(part) ? words.say(`admin.part.${part}`) : part
