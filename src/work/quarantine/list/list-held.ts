import type { Kysely } from 'kysely'
import type { RowFilter } from '../../../ground/amavis/quarantine/row-filter.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { SECOND } from '../../../ground/durations.ts'
import { requireInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import { matcherOf } from '../../../rules/search/matches.ts'
import type { Search } from '../../../rules/search/search.ts'
import { type SearchWindow, searchWindow } from '../../../rules/search/search-window.ts'
import { wantedStates } from '../../../rules/search/wanted-states.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import { areAllMarked } from '../../release/claims.ts'
import { deletionsOf } from '../deletions.ts'
import { type HeldList, type HeldListRequest, PAGE_SIZES } from '../held-list.ts'
import { isDeleted } from '../listed-held.ts'
import { listedRequests } from '../listed-requests.ts'
import { rowFilter } from '../listed-state.ts'
import type { AddressesOfDeps } from './addresses-of.ts'
import { type Cursor, cursorText, parseCursor } from './cursor.ts'
import { type Gathering, gather } from './gather.ts'
import { listedMessage } from './listed.ts'
import { withSenders } from './of-sender.ts'
import { MOST_IN_ORDER, type PageOfLines, pageByDate, pageInOrder } from './pages.ts'
import type { Position } from './position.ts'
import { type Scope, scopeOf } from './scope.ts'
import { ofOneMessage, ofOneRecipient, type Releases, sifter } from './sift.ts'

export interface ListHeldDeps extends AddressesOfDeps {
  readonly storage: Kysely<AmavisTables>
}

/**
 * Lists what somebody may see of the quarantine. amavis's own tables are read, so that messages are found that came
 * before this program was installed. A request looks at a bounded amount of mail, and says how far it has come.
 *
 * @throws CodedError REQUEST_INVALID, OUT_OF_REACH
 */
export async function listHeld(
  deps: ListHeldDeps,
  viewer: Viewer,
  request: HeldListRequest,
): Promise<HeldList> {
  requireInQuarantine(viewer, 'read')
  const begun = deps.clock()
  const cursor = parseCursor(request)
  const filter = await filterOf(deps, request.search)
  // Conditions such as "released, but unread" cannot hold.
  const isPossible = filter.rs.length > 0
  const reading = { storage: deps.storage, filter, matcher: matcherOf(request.search) }
  const scope = await scopeOf(deps, viewer, request.search, reading)
  const window = cursor?.window ?? windowOf(request, scope, begun)
  const releases: Releases = new Map()
  const gathering = {
    from: Math.ceil(window.from / SECOND),
    linesOf: viewer.as === 'admin' && !request.lineFor ? ofOneMessage : ofOneRecipient,
    sift: sifter(deps, scope, wantedStates(request.search), releases),
    clock: deps.clock,
  }
  const page = isPossible ? await pageOf(request, scope, gathering, { window, cursor, begun }) : NOTHING
  const listed = page.lines.flat()
  const known = {
    releases,
    deletions: await deletionsOf(deps.state, viewer, listed.filter(isDeleted).map(heldIdOf)),
    requests: await listedRequests(deps.state, viewer, listed),
  }
  return {
    messages: page.lines.map(line => listedMessage(viewer, line, known)),
    next: page.next && cursorText(request, { ...page.next, window }),
    window,
    lookedBackTo: page.lookedBackTo,
    isCut: page.isCut,
  }
}

async function filterOf({ state }: ListHeldDeps, search: Search): Promise<RowFilter> {
  const isAboutReleased = wantedStates(search).states.has('released')
  return rowFilter(search, !isAboutReleased || (await areAllMarked(state)))
}

const NOTHING: PageOfLines = { lines: [], next: undefined, lookedBackTo: undefined, isCut: false }

function windowOf({ search }: HeldListRequest, scope: Scope, now: number): SearchWindow {
  const window = searchWindow(search, now)
  const goesFurther = search.after === undefined && scope.from !== undefined && scope.from < window.from
  return goesFurther ? { from: scope.from ?? 0, to: window.to } : window
}

/** The last second that a window includes. */
const lastSecond = ({ to }: SearchWindow): number => Math.ceil(to / SECOND) - 1

/** Where a page is, and since when somebody waits for it. */
interface PageStart {
  readonly window: SearchWindow
  readonly cursor: Cursor | undefined
  /** Milliseconds since the epoch. */
  readonly begun: number
}

async function pageOf(
  request: HeldListRequest,
  { source, senders }: Scope,
  gathering: Omit<Gathering, 'start' | 'enough' | 'until'>,
  { window, cursor, begun }: PageStart,
): Promise<PageOfLines> {
  const limit = Math.max(1, Math.min(Math.max(...PAGE_SIZES), Math.trunc(request.limit)))
  const newest = { timeNum: lastSecond(window) }
  if (request.order === 'date' && request.direction === 'descending') {
    const start: Position = cursor?.position ?? newest
    // Who goes on where a page has stopped early waits rather than clicks again.
    const patience = cursor && !start.within ? LONG : senders ? SHORTEST : SHORT
    const reading = { ...gathering, start, enough: limit + 1, until: begun + patience }
    const listed = withSenders(senders, reading, cursor?.senders)
    return listed.complete(pageByDate(await gather(source, listed.gathering), limit), limit)
  }
  const isLaterPage = cursor?.value !== undefined && cursor.value !== null
  const gathered = await gather(source, {
    ...gathering,
    from: cursor?.least ?? gathering.from,
    start: cursor?.start ?? newest,
    enough: MOST_IN_ORDER + 1,
    until: begun + (isLaterPage ? LONGEST : cursor ? LONG : SHORT),
  })
  return pageInOrder(request, cursor, gathered, limit)
}

/** Milliseconds. With what is read before and after it, a first page takes 150 at most. */
const SHORT = 80
const SHORTEST = 50
const LONG = 1500
/** A later page of an order reads again what `LONG` was enough for. */
const LONGEST = 2 * LONG
