import { heldJson, windowJson } from '../../../desks/quarantine/held-json.ts'
import { SECOND } from '../../../ground/durations.ts'
import { parseSearch } from '../../../rules/search/parse-search.ts'
import type { Order, Search } from '../../../rules/search/search.ts'
import type { HeldList, HeldListRequest, ListedHeld } from '../../../work/quarantine/held-list.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { wholeNumber } from '../whole-number.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import { listNotes, listTable } from './held-text.ts'
import { safeJson } from './safe-json.ts'

export interface ListOptions extends CommonOptions {
  readonly recipient?: string
  readonly search?: string
  readonly limit: string
  readonly after?: string
  readonly sort: Order
  readonly ascending?: boolean
}

/** Prints what is held. */
export async function listHeld(cli: Cli, options: ListOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, { least: 1, most: MOST_LINES })
  const request = requestOf(options)
  const { listed, readers } = await withApp(cli, options, async app => {
    await app.check()
    const listed = await linesUpTo(limit, request, app)
    const recipients = listed.held.map(({ recipient }) => recipient)
    return { listed, readers: await app.quarantine.readersOf(commandLineViewer(), recipients) }
  })
  const { held, page } = listed
  if (options.json) {
    const lines = held.map(one => heldJson(one, readers))
    print(safeJson({ held: lines, next: page.next ?? null, ...windowJson(page) }))
    return
  }
  if (held.length > 0) print(listTable(held))
  for (const note of listNotes(held, page)) printNote(note)
}

/** What fits into memory, and more than anybody reads. */
const MOST_LINES = 10_000

function requestOf(options: ListOptions): Omit<HeldListRequest, 'limit'> {
  return {
    search: searchOf(options),
    order: options.sort,
    direction: options.ascending ? 'ascending' : 'descending',
    after: options.after,
    lineFor: 'recipient',
  }
}

function searchOf({ search = '', recipient }: ListOptions): Search {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  const asked = parseSearch(search, { now: Date.now(), timeZone })
  if (recipient === undefined) return asked
  const to = { field: 'to', how: 'equals', text: recipient, not: false } as const
  return { ...asked, texts: [...asked.texts, to] }
}

interface Listed {
  readonly held: readonly ListedHeld[]
  /** The last page that was read. */
  readonly page: HeldList
}

/** Reads page after page: a page has few lines, and a search in much mail gives none for a while. */
async function linesUpTo(
  limit: number,
  request: Omit<HeldListRequest, 'limit'>,
  { quarantine }: App,
): Promise<Listed> {
  const viewer = commandLineViewer()
  const until = performance.now() + PATIENCE
  const held: ListedHeld[] = []
  let after = request.after
  for (;;) {
    const size = Math.min(LONGEST_PAGE, limit - held.length)
    const page = await quarantine.list(viewer, { ...request, after, limit: size })
    held.push(...page.messages.flatMap(({ recipients }) => recipients))
    after = page.next
    if (after === undefined || held.length >= limit || performance.now() > until) return { held, page }
  }
}

const LONGEST_PAGE = 100

/** Milliseconds. */
const PATIENCE = 30 * SECOND
