import { KINDS } from '../../../../ground/amavis/content.ts'
import type { Summary } from '../../../../work/quarantine/list/summary-of.ts'
import type { Writer } from '../../web/writer.ts'
import type { QuarantineHandler } from '../quarantine-visit.ts'
import type { ListDeps } from './list-page.ts'
import { listPath, USUAL_PLACE } from './list-place.ts'
import { queryOfDay } from './search-query.ts'

/** GET /mail/summary and /admin/held/summary?days=14: how many messages of each kind were held on each day. */
export const showSummary =
  ({ quarantine }: Pick<ListDeps, 'quarantine'>): QuarantineHandler =>
  async ({ query, root, viewer, timeZone, show }) => {
    const days = SPANS.find(span => String(span) === query.get('days')) ?? SPANS[0]
    const summary = await quarantine.summary(viewer, { days, timeZone })
    show({
      page: 'summary',
      refresh: summary.isCounting ? SECONDS : undefined,
      model: writer => summaryModel(summary, { days, root }, writer),
    })
  }

/** Until the browser asks for the days that were not counted yet. */
const SECONDS = 2

const SPANS = [14, 30, 90] as const

interface Shown {
  readonly days: number
  readonly root: string
}

/** Kinds that did not occur have no column, and what is not held has no link. */
function summaryModel({ days: lines, isCounting }: Summary, { days, root }: Shown, writer: Writer): object {
  const { words, url, number } = writer
  const kinds = KINDS.filter(kind => lines.some(({ counts }) => (counts[kind] ?? 0) > 0))
  const linkTo = (day: string, kind: string | undefined) =>
    url(
      listPath(root, {
        ...USUAL_PLACE,
        q: kind === undefined ? queryOfDay(day) : `${queryOfDay(day)} type:${kind}`,
      }),
    )
  return {
    title: words.say('quarantine.summary.title'),
    action: url(`${root}/summary`),
    spans: SPANS.map(span => ({
      value: span,
      selected: span === days,
      label: words.say('quarantine.summary.days', { count: span }),
    })),
    kinds: kinds.map(kind => words.say(`kind.${kind}`)),
    lines: lines.map(({ day, counts }) => {
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
      return {
        day: dayName(day, writer),
        url: total > 0 ? linkTo(day, undefined) : undefined,
        total: number(total),
        cells: kinds.map(kind => {
          const count = counts[kind] ?? 0
          return {
            label: words.say(`kind.${kind}`),
            value: number(count),
            url: count > 0 ? linkTo(day, kind) : undefined,
          }
        }),
      }
    }),
    hasLines: kinds.length > 0,
    isCounting,
    backUrl: url(root),
  }
}

/** The midday of a day in UTC, written in UTC, so that no time zone moves it. @param day as `2026-03-11` */
function dayName(day: string, { place }: Writer): string {
  return new Intl.DateTimeFormat(place.language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  }).format(Date.parse(`${day}T12:00:00Z`))
}
