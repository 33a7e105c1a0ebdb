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
import { type LinkTurns, linkTurns, type TurnKind } from './link-turns.ts'
import { originForm } from './origin-form.ts'
import { type ReadyAnswersDeps, readyAnswers } from './ready-answers.ts'
import type { Turns } from './turns.ts'

export interface FrontDoorDeps extends ReadyAnswersDeps {
  readonly basePath: string
  /** Why the token of a link is refused; undefined: a key of ours has signed it. */
  readonly tokenFault: (token: string) => TokenFault | undefined
  /** The address of the client; undefined: the connection is closed already. */
  readonly addressOf: (request: IncomingMessage) => string | undefined
  readonly perAddress: number
  readonly perLink: number
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
  const turns = linkTurns(deps.turns)
  return (request, response) => {
    request.url = mendedUrl(originForm(request.url ?? '/'), deps.basePath)
    const link = METHODS.has(request.method ?? '') ? linkIn(pathOf(request.url), deps.basePath) : undefined
    if (!link) {
      void app(request, response)
      return
    }
    const whose = whoseOf(deps, request, link)
    const fault = faultOf(deps, turns, whose)
    if (fault) turns.take('refusal', request, whose, () => refuse(request, response, { link, ...fault }))
    else turns.take(kindOfTurn(request), request, whose, () => void app(request, response))
  }
}

/** The methods of links: the framework refuses the others. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

const kindOfTurn = ({ method }: IncomingMessage): TurnKind => (method === 'POST' ? 'release' : 'page')

interface Whose {
  /** Undefined: the connection is closed already. */
  readonly address: string | undefined
  readonly caller: string
  readonly token: string
}

function whoseOf({ addressOf }: FrontDoorDeps, request: IncomingMessage, { token }: LinkPath): Whose {
  const address = addressOf(request)
  return { address, caller: callerAt(address ?? ''), token }
}

interface Fault {
  readonly code: TokenFault | 'TOO_MANY_REQUESTS'
  readonly address: string
}

/** Why a link is refused before its framework sees it; undefined: it is not, or its caller is not known. */
function faultOf(
  { counts, perAddress, perLink, tokenFault }: FrontDoorDeps,
  turns: LinkTurns,
  whose: Whose,
): Fault | undefined {
  const { address, caller, token } = whose
  if (address === undefined) return undefined
  // Those that wait are not counted yet, and nobody may fill the queue alone.
  const waiting = turns.waiting(whose)
  const isTooMany = counts.hits(caller) + waiting.ofCaller >= perAddress || waiting.byToken >= perLink
  const code = isTooMany ? 'TOO_MANY_REQUESTS' : tokenFault(token)
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
    const isTooMany = code === 'TOO_MANY_REQUESTS'
    answer.send(response, limitHeaders(deps.perAddress, caller, deps.counts.increment(caller), isTooMany))
  }
}

const kindOf = (request: IncomingMessage): LinkRequestKind =>
  isPrefetch(request) ? 'prefetch' : (LINK_REQUEST_KINDS.find(kind => kind === request.method) ?? 'GET')
