import type { RequestDesk } from '../../../../desks/requests/request-desk.ts'
import { REQUEST_STATES, type RequestState } from '../../../../work/requests/request.ts'
import { optionsOf } from '../../web/options.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { requestRow } from './request-row.ts'

export interface RequestsRouteDeps {
  readonly requests: RequestDesk
}

/**
 * GET /admin/requests?state=STATE&after=PLACE: what readers have asked for. Without a state: what waits, the oldest
 * first. `state=any`: whatever has become of it.
 */
export const listRequests =
  ({ requests }: RequestsRouteDeps): AdminHandler =>
  async ({ viewer, query, show }) => {
    const state = stateIn(query)
    const after = query.get('after') ?? undefined
    const found = await requests.list(viewer, { state, limit: PER_PAGE, after })
    const pageAt = (place: object) =>
      `/admin/requests?${new URLSearchParams({ state: state ?? ANY, ...place })}`
    show({
      page: 'requests',
      section: 'requests',
      model: writer => ({
        action: writer.url('/admin/requests'),
        states: optionsOf([...REQUEST_STATES, ANY], state ?? ANY, value =>
          value === ANY ? writer.words.say('admin.filter.all') : writer.words.say(`admin.request.${value}`),
        ),
        isWaiting: state === 'waiting',
        requests: found.requests.map(row => requestRow(row, writer)),
        nextUrl: found.next && writer.url(pageAt({ after: found.next })),
        firstUrl: after === undefined ? undefined : writer.url(pageAt({})),
      }),
    })
  }

const ANY = 'any'

const PER_PAGE = 50

function stateIn(query: URLSearchParams): RequestState | undefined {
  const text = query.get('state')
  return text === ANY ? undefined : (REQUEST_STATES.find(state => state === text) ?? 'waiting')
}
