import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Express } from 'express'
import type { Refusals } from '../../../ground/audit/refusals.ts'
import type { TokenFault } from '../../../ground/links/signature.ts'
import { refusedToken } from '../../../ground/links/token.ts'
import { LINK_REQUEST_KINDS, type LinkRequestKind, type Meter } from '../../../ground/metrics/meter.ts'
import { mendedUrl } from '../middleware/mended-path.ts'
import { callerAt, limitHeaders, tooManyRequests } from '../middleware/rate-limits.ts'
import type { RequestCounts } from '../middleware/request-counts.ts'
import type { RequestLog } from '../middleware/request-log.ts'
import { isPrefetch } from '../pages/answer.ts'
import { type LinkPath, linkIn } from './link-path.ts'
import { type ReadyAnswersDeps, readyAnswers } from './ready-answers.ts'
import type { Turns } from './turns.ts'

export interface FrontDoorDeps extends ReadyAnswersDeps {
  readonly basePath: string
  /** Why the token of a link is refused; undefined: a key of ours has signed it. */
  readonly tokenFault: (token: string) => TokenFault | undefined
  /** The address of the client; undefined: the connection is closed already. */
  readonly addressOf: (request: IncomingMessage) => string | undefined
  readonly perAddress: number
  /** Shared with the framework's limit. */
  readonly counts: RequestCounts
  readonly warnOfProxy: (request: IncomingMessage) => void
  readonly requests: Pick<RequestLog, 'refused'>
  readonly refusals: Pick<Refusals, 'add'>
  readonly meter: Meter
  readonly turns: Turns
}

/**
 * Stands before the framework. Anybody can make up links, in floods, and an answer of the framework costs as much as a
 * hundred signatures. So a link that no key of ours has signed, or whose caller has asked too often, is answered here,
 * and all other requests are passed on. Links take turns with the digests that are being sent.
 */
export function frontDoor(deps: FrontDoorDeps, app: Express): RequestListener {
  const refuse = refusing(deps, app)
  return (request, response) => {
    request.url = mendedUrl(request.url ?? '/', deps.basePath)
    const link = METHODS.has(request.method ?? '') ? linkIn(pathOf(request.url), deps.basePath) : undefined
    const fault = link && faultOf(deps, request, link)
    if (!link) void app(request, response)
    else if (fault) inTurn(deps.turns, MADE_UP, request, () => refuse(request, response, { link, ...fault }))
    else inTurn(deps.turns, genuine(request), request, () => void app(request, response))
  }
}

/** The methods of links: the framework refuses the others. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** What a request costs, and how much of the queue requests like it may take up. */
interface Weight {
  readonly costs: number
  readonly fills: number
}

const genuine = ({ method }: IncomingMessage): Weight => ({
  costs: method === 'POST' ? RELEASE : PAGE,
  fills: 1,
})

/** Milliseconds of CPU, as `npm run bench -- --only release` shows them. */
const REFUSAL = 0.1
const PAGE = 0.7
const RELEASE = 3.5

/** However many links are made up, a reader's own finds room. */
const MADE_UP: Weight = { costs: REFUSAL, fills: 0.5 }

/** Nothing more is read from a connection whose request waits, so that a flood waits outside. */
function inTurn(
  turns: Turns,
  { costs, fills }: Weight,
  { socket }: IncomingMessage,
  perform: () => void,
): void {
  let isWaiting = true
  const goOn = () => {
    isWaiting = false
    if (socket.isPaused()) socket.resume()
    if (!socket.destroyed) perform()
  }
  const taken = turns.take(costs, goOn, fills)
  // Not before: once a request is whole, Node reads on, whoever has paused the connection.
  if (taken === 'waits') setImmediate(() => void (isWaiting && socket.pause()))
  if (taken === 'refused') socket.destroy()
}

interface Fault {
  readonly code: TokenFault | 'TOO_MANY_REQUESTS'
  readonly address: string
}

/** Why a link is refused before its framework sees it; undefined: it is not, or its caller is not known. */
function faultOf(
  { addressOf, counts, perAddress, tokenFault }: FrontDoorDeps,
  request: IncomingMessage,
  { token }: LinkPath,
): Fault | undefined {
  const address = addressOf(request)
  if (address === undefined) return undefined
  const code = counts.hits(callerAt(address)) >= perAddress ? 'TOO_MANY_REQUESTS' : tokenFault(token)
  return code && { code, address }
}

/** Made once: the trace of an error costs more than the rest of a refusal. */
const ERRORS = {
  LINK_MALFORMED: refusedToken('LINK_MALFORMED'),
  LINK_FORGED: refusedToken('LINK_FORGED'),
  TOO_MANY_REQUESTS: tooManyRequests(),
} as const

/** Refuses a link, and records it as the framework would: but of a flood of lines in the log, only how many there were. */
function refusing(deps: FrontDoorDeps, app: Express) {
  const answers = readyAnswers(deps, app)
  return (
    request: IncomingMessage,
    response: ServerResponse,
    { code, address, link }: Fault & { readonly link: LinkPath },
  ): void => {
    const answer = answers.find(request, ERRORS[code])
    if (!answer) {
      void app(request, response)
      return
    }
    const caller = callerAt(address)
    const refusal = { outcome: code, remoteAddress: address }
    deps.warnOfProxy(request)
    if (code !== 'TOO_MANY_REQUESTS') {
      deps.meter.linkRequested(link.page, kindOf(request))
      if (link.acts && kindOf(request) === 'POST') deps.refusals.add({ what: 'link', ...refusal })
    }
    deps.requests.refused(refusal)
    answer.send(response, limitHeaders(deps.perAddress, caller, deps.counts.increment(caller)))
  }
}

const kindOf = (request: IncomingMessage): LinkRequestKind =>
  isPrefetch(request) ? 'prefetch' : (LINK_REQUEST_KINDS.find(kind => kind === request.method) ?? 'GET')
