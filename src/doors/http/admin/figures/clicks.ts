import type { DomainClicks } from '../../../../desks/admin/figures/clicks.ts'
import { displayDomain } from '../../../../ground/display/domain.ts'
import type { Writer } from '../../web/writer.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { daysIn, spanModel } from '../frame/span.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { percent } from './percent.ts'

/** GET /admin/clicks?days=30: how soon after sending links were fetched, by the reader's domain. */
export const showClicks =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const days = daysIn(query, SPANS, 30)
    const figures = await desk.figures.clicks(editor.reach, { days })
    show({
      page: 'clicks',
      section: 'clicks',
      model: writer => ({
        action: writer.url('/admin/clicks'),
        spans: spanModel(SPANS, days, 'admin.clicks.days', writer),
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
