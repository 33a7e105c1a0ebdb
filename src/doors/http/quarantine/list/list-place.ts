import { ORDERS, type Order } from '../../../../rules/search/search.ts'
import { PAGE_SIZES } from '../../../../work/quarantine/held-list.ts'

/** One page of a list, as its URL names it: it can be kept as a bookmark. */
export interface ListPlace {
  /** The search as it was typed; empty: what is held. */
  readonly q: string
  readonly sort: Order
  readonly direction: 'ascending' | 'descending'
  readonly per: (typeof PAGE_SIZES)[number]
  /** A cursor; undefined: the first page. */
  readonly after: string | undefined
}

/** Reads `?q=…&sort=…&dir=…&per=…&after=…`. What is not among the choices counts as not given. */
export function listPlaceIn(query: URLSearchParams): ListPlace {
  const sort = ORDERS.find(order => order === query.get('sort')) ?? 'date'
  const dir = query.get('dir')
  return {
    q: (query.get('q') ?? '').trim(),
    sort,
    direction: dir === 'asc' ? 'ascending' : dir === 'desc' ? 'descending' : directionOf(sort),
    per: PAGE_SIZES.find(size => String(size) === query.get('per')) ?? PAGE_SIZES[0],
    after: query.get('after') || undefined,
  }
}

/** The path and query of a page of a list. @param root `/mail` or `/admin/held` */
export function listPath(root: string, place: ListPlace): string {
  const query = listQuery(place)
  return query.size > 0 ? `${root}?${query}` : root
}

/** The query of a page of a list. What is usual is left out. */
export function listQuery({ q, sort, direction, per, after }: ListPlace): URLSearchParams {
  const query = new URLSearchParams()
  if (q !== '') query.set('q', q)
  if (sort !== 'date') query.set('sort', sort)
  if (direction !== directionOf(sort)) query.set('dir', direction === 'ascending' ? 'asc' : 'desc')
  if (per !== PAGE_SIZES[0]) query.set('per', String(per))
  if (after !== undefined) query.set('after', after)
  return query
}

/** Words are read from their beginning; of times, scores and sizes, the greatest comes first. */
export const directionOf = (order: Order): ListPlace['direction'] => DIRECTIONS[order]

const DIRECTIONS = {
  date: 'descending',
  score: 'descending',
  size: 'descending',
  sender: 'ascending',
  subject: 'ascending',
  type: 'ascending',
} as const satisfies Record<Order, ListPlace['direction']>

/** The first page of a list where nothing was chosen. */
export const USUAL_PLACE: ListPlace = listPlaceIn(new URLSearchParams())
