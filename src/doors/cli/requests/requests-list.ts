import { heldReason } from '../../../desks/quarantine/held-reason.ts'
import type { RequestList, RequestWithMail } from '../../../desks/requests/request-desk.ts'
import { requestJson } from '../../../desks/requests/request-json.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { RequestState } from '../../../work/requests/request.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from '../held/command-line-viewer.ts'
import { safeJson } from '../held/safe-json.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'
import { wholeNumber } from '../whole-number.ts'

export interface ListOptions extends CommonOptions {
  readonly state: RequestState | 'any'
  readonly limit: string
  readonly after?: string
}

/** Prints what readers have asked for. */
export async function listRequests(cli: Cli, options: ListOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, { least: 1, most: MOST_LINES })
  const { requests, next } = await withApp(cli, options, async app => {
    await app.check()
    return linesUpTo(limit, options, app)
  })
  if (options.json) return print(safeJson({ requests: requests.map(requestJson), next: next ?? null }))
  if (requests.length > 0) print(table(HEADER, requests.map(rowOf)))
  else
    printNote(options.state === 'waiting' ? 'Nothing waits for a decision.' : 'There are no such requests.')
  if (next !== undefined) printNote(`There are more. Go on with: --after ${next}`)
  if (requests.some(({ request }) => request.state === 'waiting')) printNote(HOW)
}

const HOW = 'Decide with "amavis-digest requests approve ID" or "refuse ID"; --note tells the readers why.'

/** What fits into memory, and more than anybody reads. */
const MOST_LINES = 10_000

const LONGEST_PAGE = 100

/** Reads page after page. */
async function linesUpTo(
  limit: number,
  { state, after: start }: ListOptions,
  { requests: desk }: App,
): Promise<RequestList> {
  const requests: RequestWithMail[] = []
  let after = start
  for (;;) {
    const page = await desk.list(commandLineViewer(), {
      state: state === 'any' ? undefined : state,
      limit: Math.min(LONGEST_PAGE, limit - requests.length),
      after,
    })
    requests.push(...page.requests)
    after = page.next
    if (after === undefined || requests.length >= limit) return { requests, next: after }
  }
}

const HEADER = ['id', 'asked', 'by', 'recipient', 'from', 'subject', 'why', 'state']

const rowOf = ({ request, mail }: RequestWithMail): string[] => [
  request.id,
  localTime(request.askedAt),
  shown(request.readers.join(', ') || 'another program', LONGEST_ADDRESS),
  shown(request.recipient, LONGEST_ADDRESS),
  shown(mail ? mail.from || mail.sender : '', LONGEST),
  mail ? shown(mail.subject, LONGEST) : '(gone)',
  mail ? `${request.kind}: ${heldReason(mail)}` : request.kind,
  stateText(request),
]

function stateText({ state, first, decided }: RequestWithMail['request']): string {
  if (decided) return `${state} by ${shown(decided.by, LONGEST)}`
  return first && state === 'waiting' ? `waiting, approved by ${shown(first.by, LONGEST)}` : state
}

/** Strangers wrote it. It must not affect the terminal. */
const shown = (text: string, longest: number): string => displayText(text, longest)

const LONGEST = 60
const LONGEST_ADDRESS = 320
