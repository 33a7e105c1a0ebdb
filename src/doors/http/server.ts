import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request } from 'express'
import type { Logger } from 'pino'
import type { Refusals } from '../../ground/audit/refusals.ts'
import type { Config } from '../../ground/config/schema.ts'
import { SECOND } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import { createServer } from '../../ground/network/http.ts'
import { type AdminRouteDeps, adminRoutes } from './admin/admin-routes.ts'
import { apiOnFirstUse, problemsOnFirstUse } from './api/api-on-first-use.ts'
import type { ApiDeps } from './api/api-router.ts'
import { frontDoor } from './front/front-door.ts'
import { createTurns } from './front/turns.ts'
import { linkRoutes, type RouteDeps } from './links/link-routes.ts'
import { type MailRouteDeps, mailRoutes, unknownMailPage } from './mail/mail-routes.ts'
import { mailzuRoutes } from './mailzu/mailzu-routes.ts'
import { addressesBy, checkClientAddresses } from './middleware/client-address.ts'
import { noticeChanges } from './middleware/notice-changes.ts'
import { proxyWarning } from './middleware/proxy-warning.ts'
import { perAddress } from './middleware/rate-limits.ts'
import { RequestCounts } from './middleware/request-counts.ts'
import { createRequestLog, type RequestLog } from './middleware/request-log.ts'
import { secured, securityHeaders } from './middleware/security-headers.ts'
import { errors, unknownPage } from './pages/errors.ts'
import { cookiesFor } from './session/cookies.ts'
import { type InstanceRouteDeps, instanceRoute } from './watch/instance.ts'
import { healthRoute, type WatcherRouteDeps, watcherRoutes } from './watch/watcher-routes.ts'

export interface ServerDeps
  extends Omit<RouteDeps, 'basePath' | 'perLink'>,
    WatcherRouteDeps,
    InstanceRouteDeps {
  readonly publicUrl: string
  readonly http: Config['http']
  readonly log: Logger
  readonly refusals: Pick<Refusals, 'add'>
  /** Called after each request that may have begun something. */
  readonly onChange?: (() => void) | undefined
  /** Whether /readyz and /metrics have a listener of their own. */
  readonly watchedElsewhere?: boolean
  /** Whether digests are being sent by this process: then links take turns with them. */
  readonly isSending?: () => boolean
  /** The pages that readers sign in to. Undefined when only their links are served. */
  readonly mail?: Pick<
    MailRouteDeps,
    | 'mailPages'
    | 'signIns'
    | 'ways'
    | 'proxyHeader'
    | 'pageLanguage'
    | 'timeZone'
    | 'quarantine'
    | 'senders'
    | 'policies'
    | 'readersSeeHeaders'
    | 'looks'
    | 'learning'
  >
  /** Undefined when no admins are configured. */
  readonly admin: Omit<AdminRouteDeps, 'basePath' | 'publicUrl' | 'log' | 'refusals'> | undefined
  /** Whether addresses of Mailzu lead to our pages. */
  readonly redirectsMailzu?: boolean
  /** Undefined when the API is not served. */
  readonly api?: Omit<ApiDeps, 'publicUrl' | 'perKey' | 'refusals'>
}

export interface WatcherServerDeps extends WatcherRouteDeps {
  /** The section of the configuration that says where it listens. */
  readonly section: 'watch' | 'worker'
  readonly http: Pick<Config['http'], 'host' | 'port'>
  readonly log: Logger
}

export interface HttpServer extends AsyncDisposable {
  /** The port it listens on, which differs from the configuration when that asks for port 0. */
  readonly port: number
}

/**
 * Starts to answer HTTP.
 *
 * @throws CodedError PORT_UNAVAILABLE, CONFIG_INVALID (http.trustProxy)
 */
export async function startServer(deps: ServerDeps): Promise<HttpServer> {
  const requests = createRequestLog(deps.log)
  const counts = new RequestCounts()
  const warnOfProxy = proxyWarning(deps.http.trustProxy, deps.log)
  const basePath = new URL(deps.publicUrl).pathname.replace(/\/$/, '')
  const app = application(deps, { requests, counts, warnOfProxy, basePath })
  const front = frontDoor(
    {
      ...deps,
      ...{ requests, counts, warnOfProxy, basePath },
      tokenFault: deps.visits.fault,
      addressOf: addressesBy(app),
      perAddress: deps.http.perAddress,
      perLink: deps.http.perLink,
      turns: createTurns({ isBusy: deps.isSending ?? (() => false), share: SHARE_OF_LINKS, now }),
    },
    app,
  )
  return start(front, deps, 'http', requests)
}

/**
 * Starts to answer monitoring requests, and no others.
 *
 * @throws CodedError PORT_UNAVAILABLE
 */
export async function startWatcherServer(deps: WatcherServerDeps): Promise<HttpServer> {
  const app = bareApplication()
  const requests = createRequestLog(deps.log)
  app.use(requests.handler, watcherRoutes(deps))
  return start(app, deps, deps.section, requests)
}

/** So that a run keeps four fifths of its speed, with what the sockets cost. */
const SHARE_OF_LINKS = 0.12

const now = () => performance.now()

type Section = 'http' | WatcherServerDeps['section']

async function start(
  listener: RequestListener,
  { http, log }: Pick<WatcherServerDeps, 'http' | 'log'>,
  section: Section,
  requests: RequestLog,
): Promise<HttpServer> {
  const server = createServer(LIMITS, listener)
  await listen(server, http, section)
  server.on('error', error => log.error({ err: error }, 'the HTTP server reports an error'))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await close(server)
      await requests[Symbol.asyncDispose]()
    },
  }
}

/**
 * Slow clients are cut off: headers must arrive in 10 s, the whole request in 30 s. Node looks for them only every 30 s
 * unless told otherwise. An idle connection is kept longer
 * than proxies keep theirs (nginx: 60 s), because a request on a connection that is just being closed gets no answer.
 */
const LIMITS = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 65 * SECOND,
}

function bareApplication(): express.Express {
  const app = express()
  // So that a browser never gets a stack trace, whatever NODE_ENV says.
  app.set('env', 'production')
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  checkClientAddresses(app)
  return app
}

/** What the framework shares with the front door. */
interface Shared {
  readonly requests: RequestLog
  readonly counts: RequestCounts
  readonly warnOfProxy: (request: IncomingMessage) => void
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
}

function application(deps: ServerDeps, { requests, counts, warnOfProxy, basePath }: Shared): express.Express {
  const app = bareApplication()
  trustProxies(app, deps.http.trustProxy)
  app.use(requests.handler, secured(securityHeaders(deps.publicUrl)))
  app.use(deps.watchedElsewhere ? healthRoute() : watcherRoutes(deps))
  app.use(
    (request, _response, next) => {
      warnOfProxy(request)
      next()
    },
    perAddress(deps.http.perAddress, counts),
    noticeChanges(deps.onChange ?? (() => {})),
  )
  const links = linkRoutes({ ...deps, basePath, perLink: deps.http.perLink })
  const own = [
    links,
    instanceRoute(deps),
    ...(deps.mail ? [mailRoutes({ ...deps, ...deps.mail, basePath })] : []),
    ...(deps.admin ? [adminRoutes({ ...deps, ...deps.admin, basePath })] : []),
    ...(deps.redirectsMailzu ? [mailzuRoutes({ basePath, isAdmin: hasAdminSession(deps) })] : []),
    ...(deps.api ? [apiOnFirstUse({ ...deps, ...deps.api, perKey: deps.http.perKey })] : []),
  ]
  // A reverse proxy may either strip the path of publicUrl or pass it on.
  app.use(own)
  if (basePath) app.use(basePath, own)
  const mailPath = `${basePath}${MAIL}`
  if (deps.mail)
    app.use(
      basePath === MAIL ? mailPath : [MAIL, mailPath],
      unknownMailPage({ ...deps, ...deps.mail, basePath }),
    )
  app.use(unknownPage)
  app.use(['/api', `${basePath}/api`], problemsOnFirstUse(deps.log))
  app.use(errors(deps, deps.log))
  return app
}

/** Where publicUrl has this path, all pages are below it. */
const MAIL = '/mail'

/** Mailzu had one page of a message for readers and admins. */
const hasAdminSession =
  ({ admin, publicUrl }: ServerDeps) =>
  (request: Request): boolean =>
    admin !== undefined &&
    cookiesFor(publicUrl, 'admin', admin.signIns.limits).get(request, 'session') !== undefined

function trustProxies(app: express.Express, proxies: readonly string[]): void {
  try {
    app.set('trust proxy', proxies.length > 0 ? [...proxies] : false)
  } catch {
    throw new CodedError(
      'CONFIG_INVALID',
      `http.trustProxy: expected addresses or networks, found ${proxies.join(', ')}`,
    )
  }
}

async function listen(
  server: Server,
  { host, port }: WatcherServerDeps['http'],
  section: Section,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', error => {
    const reason = 'code' in error ? error.code : error.message
    reject(
      new CodedError(
        'PORT_UNAVAILABLE',
        `Cannot listen on ${host}:${port} (${reason}): is it taken? See ${section}.host and ${section}.port.`,
      ),
    )
  })
  server.listen(port, host, resolve)
  await promise
}

/** Takes no new requests, and finishes those in hand. */
async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeIdleConnections()
  await promise
}
