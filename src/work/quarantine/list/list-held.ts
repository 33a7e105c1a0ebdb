import type { Kysely } from 'kysely'
import { messageKeyOf } from '../../../ground/amavis/purge/old-messages.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import { SECOND } from '../../../ground/durations.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import { matcherOf } from '../../../rules/search/matches.ts'
import { type SearchWindow, searchWindow } from '../../../rules/search/search-window.ts'
import { type WantedStates, wantedStates } from '../../../rules/search/wanted-states.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import { findReleases, type ReleaseRow } from '../../release/claims.ts'
import { releasedBy } from '../../release/released-by.ts'
import {
  type HeldList,
  type HeldListRequest,
  type ListedHeld,
  type ListedMessage,
  MOST_RECIPIENTS,
  PAGE_SIZES,
} from '../held-list.ts'
import { heldRefOf } from '../held-ref.ts'
import type { AddressesOfDeps } from './addresses-of.ts'
import { addressBook, type Candidate } from './candidates.ts'
import { type Cursor, cursorText, parseCursor } from './cursor.ts'
import { type Gathered, gather, type Line } from './gather.ts'
import { isUnread, listedState, recipientFilter } from './listed-state.ts'
import { compareLines, isAfterLine, orderValue } from './orders.ts'
import { type Scope, scopeOf } from './scope.ts'

export interface ListHeldDeps extends AddressesOfDeps {
  readonly storage: Kysely<AmavisTables>
  readonly clock: () => number
}

/**
 * Lists what somebody may see of the quarantine. amavis's own tables are read, so that messages are found that came
 * before this program was installed. A request looks at a bounded amount of mail, and says how far it has come.
 *
 * @throws CodedError REQUEST_INVALID
 */
export async function listHeld(
  deps: ListHeldDeps,
  viewer: Viewer,
  request: HeldListRequest,
): Promise<HeldList> {
  const cursor = parseCursor(request)
  const filter = recipientFilter(request.search)
  const matcher = matcherOf(request.search)
  const reading = { storage: deps.storage, filter, matcher, book: addressBook(deps.storage) }
  const scope = await scopeOf(deps, viewer, request.search, reading)
  const window = cursor?.window ?? windowOf(request, scope, deps.clock())
  const releases: Releases = new Map()
  const start = {
    start: cursor?.position ?? { timeNum: lastSecond(window) },
    from: Math.ceil(window.from / SECOND),
    linesOf: viewer.as === 'admin' && !request.lineFor ? ofOneMessage : ofOneRecipient,
    sift: sifter(deps, scope, wantedStates(request.search), releases),
    clock: deps.clock,
  }
  const limit = Math.max(1, Math.min(Math.max(...PAGE_SIZES), Math.trunc(request.limit)))
  const isNothingWanted = filter.rs.length === 0
  const page = isNothingWanted
    ? { lines: [], next: undefined, lookedBackTo: undefined, isCut: false }
    : request.order === 'date' && request.direction === 'descending'
      ? pageByDate(await gather(scope.source, { ...start, enough: limit + 1 }), limit)
      : pageInOrder(request, cursor, await gather(scope.source, inOrder(start, window, cursor)), limit)
  return {
    messages: page.lines.map(line => listedMessage(viewer, line, releases)),
    next: page.next && cursorText(request, { ...page.next, window }),
    window,
    lookedBackTo: page.lookedBackTo,
    isCut: page.isCut,
  }
}

function windowOf({ search }: HeldListRequest, scope: Scope, now: number): SearchWindow {
  const window = searchWindow(search, now)
  const goesFurther = search.after === undefined && scope.from !== undefined && scope.from < window.from
  return goesFurther ? { from: scope.from ?? 0, to: window.to } : window
}

/** The last second that a window includes. */
const lastSecond = ({ to }: SearchWindow): number => Math.ceil(to / SECOND) - 1

const ofOneRecipient = (candidates: readonly Candidate[]): readonly Line[] =>
  candidates.map(candidate => [candidate])

const ofOneMessage = (candidates: readonly Candidate[]): readonly Line[] => [
  ...Map.groupBy(candidates, messageKeyOf).values(),
]

type Releases = Map<string, ReleaseRow>

/** Leaves out what the viewer may not see, and what is in another state than amavis's table says. */
const sifter =
  (deps: ListHeldDeps, { mayShow }: Scope, { states }: WantedStates, releases: Releases) =>
  async (candidates: readonly Candidate[]): Promise<readonly Candidate[]> => {
    const shown = candidates.map(candidate => ({ ...candidate, heldId: heldIdOf(candidate) })).filter(mayShow)
    for (const chunk of chunks(shown)) {
      const ids = chunk.map(({ heldId }) => heldId)
      for (const [heldId, release] of await findReleases(deps.state, ids)) releases.set(heldId, release)
    }
    return shown.filter(({ rs, heldId }) => {
      const state = listedState(rs, releases.get(heldId))
      return state !== undefined && states.has(state)
    })
  }

interface PageOfLines {
  readonly lines: readonly Line[]
  readonly next: Omit<Cursor, 'window'> | undefined
  readonly lookedBackTo: number | undefined
  readonly isCut: boolean
}

function pageByDate({ lines, stoppedAt }: Gathered, limit: number): PageOfLines {
  const shown = lines.slice(0, limit)
  const last = shown.at(-1)?.at(-1)
  if (lines.length > limit && last)
    return { lines: shown, next: { position: after(last) }, lookedBackTo: undefined, isCut: false }
  return {
    lines: shown,
    next: stoppedAt && { position: stoppedAt },
    lookedBackTo: stoppedAt && (stoppedAt.timeNum + 1) * SECOND,
    isCut: false,
  }
}

const after = ({ timeNum, partitionTag, mailId, rseqnum }: Candidate) => ({
  timeNum,
  within: { partitionTag, mailId, rseqnum },
})

/** For an order other than by date, the newest messages are put in order: for a later page, the same as for the first. */
function inOrder<Start extends { readonly from: number }>(
  start: Start,
  window: SearchWindow,
  cursor: Cursor | undefined,
) {
  return {
    ...start,
    start: { timeNum: lastSecond(window) },
    from: cursor?.least ?? start.from,
    enough: MOST_IN_ORDER + 1,
    isPatient: cursor !== undefined,
  }
}

/** Messages. */
const MOST_IN_ORDER = 2000

function pageInOrder(
  request: HeldListRequest,
  cursor: Cursor | undefined,
  { lines, stoppedAt }: Gathered,
  limit: number,
): PageOfLines {
  const newest = lines.slice(0, MOST_IN_ORDER)
  const following = [...newest].sort(compareLines(request)).filter(line => isAfterLine(request, cursor, line))
  const shown = following.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = following.length > limit
  const isCut = lines.length > MOST_IN_ORDER
  const least = cursor?.least ?? (stoppedAt && stoppedAt.timeNum + 1)
  return {
    lines: shown,
    next:
      hasMore && last?.[0]
        ? { position: after(last[0]), value: orderValue(request.order, last), least }
        : undefined,
    lookedBackTo: least !== undefined && !isCut ? least * SECOND : undefined,
    isCut,
  }
}

function listedMessage(viewer: Viewer, line: Line, releases: Releases): ListedMessage {
  return {
    recipients: line
      .slice(0, MOST_RECIPIENTS)
      .map(candidate => listedHeld(viewer, candidate, releases.get(heldIdOf(candidate)))),
    hasMore: line.length > MOST_RECIPIENTS,
  }
}

function listedHeld(viewer: Viewer, candidate: Candidate, release: ReleaseRow | undefined): ListedHeld {
  const state = listedState(candidate.rs, release) ?? 'held'
  return {
    ref: heldRefOf(candidate),
    heldId: heldIdOf(candidate),
    recipient: candidate.recipient,
    kind: candidate.kind,
    because: candidate.because,
    score: candidate.score,
    sender: candidate.sender,
    from: candidate.from,
    subject: candidate.subject,
    size: candidate.size,
    receivedAt: candidate.timeNum * SECOND,
    state,
    isRead: !isUnread(candidate.rs, state),
    releasedBy: state === 'released' ? releasedBy(release, readerOf(viewer)) : undefined,
  }
}

/** An admin is told of every reader. */
const readerOf = (viewer: Viewer): string => (viewer.as === 'reader' ? viewer.visitor.reader : '')
