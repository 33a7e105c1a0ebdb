import type { Desk } from '../../../../desks/admin/desk.ts'
import type { DomainClicks } from '../../../../desks/admin/figures/clicks.ts'
import { displayDomain } from '../../../../ground/display/domain.ts'
import type { Writer } from '../frame/admin-pages.ts'
import type { AdminHandler } from '../frame/visit.ts'

export interface ClicksRouteDeps {
  readonly desk: Desk
}

/** GET /admin/clicks?days=30: how soon links were fetched, by the reader's domain. */
export const showClicks =
  ({ desk }: ClicksRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const days = SPANS.find(span => String(span) === query.get('days')) ?? 30
    const figures = await desk.figures.clicks(editor.reach, { days })
    show({
      page: 'clicks',
      section: 'clicks',
      model: writer => ({
        action: writer.url('/admin/clicks'),
        spans: SPANS.map(value => ({
          value,
          label: writer.words.say('admin.clicks.days', { count: value }),
          selected: value === days,
        })),
        domains: figures.map(row => domainRow(row, writer)),
      }),
    })
  }

const SPANS = [7, 30, 90] as const

const domainRow = (
  { domain, gets, digests, digestsReadByMachines, ...rest }: DomainClicks,
  writer: Writer,
) => ({
  domain: displayDomain(domain),
  within10s: writer.number(gets.within10s),
  within60s: writer.number(gets.within60s),
  within10m: writer.number(gets.within10m),
  later: writer.number(gets.later),
  posts: writer.number(rest.posts),
  canaryHits: writer.number(rest.canaryHits),
  machines: percent(digestsReadByMachines, digests, writer),
  isScanned: digestsReadByMachines > 0,
})

const percent = (part: number, whole: number, { words }: Writer): string =>
  new Intl.NumberFormat(words.language, { style: 'percent' }).format(whole === 0 ? 0 : part / whole)
