import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { checkStorage, requireRights } from './amavis/check-storage.ts'
import type { ContentKind } from './amavis/content.ts'
import type { AmavisTables } from './amavis/tables.ts'
import { type ApiKeys, apiKeys } from './api-keys/api-keys.ts'
import type { Actor } from './audit/record.ts'
import { createClickRecorder } from './clicks/click-recorder.ts'
import { collect } from './collect/collect.ts'
import { deskOf } from './composition/desk-of.ts'
import { queueOf } from './composition/queue-of.ts'
import { releaseTransportOf } from './composition/release-transport-of.ts'
import { signInsOf } from './composition/sign-ins-of.ts'
import type { Config } from './config/schema.ts'
import { standardTimeZone } from './config/standard-time-zone.ts'
import { checkClock } from './database/check-clock.ts'
import { checkState } from './database/check-state.ts'
import { connect } from './database/connect.ts'
import type { Database } from './database/database.ts'
import { newId } from './database/id.ts'
import { migrate, requireMigrated } from './database/migrate.ts'
import type { StateTables } from './database/state-tables.ts'
import type { Desk } from './desk/desk.ts'
import { openCanary } from './digest/canary.ts'
import type { DeliverRequest } from './digest/deliver.ts'
import { type DeliveredToTheEnd, deliverToTheEnd } from './digest/deliver-to-the-end.ts'
import { expireDigests } from './digest/expire.ts'
import { DEFAULT_LIMITS } from './digest/render.ts'
import { type Made, type RunRequest, run } from './digest/run.ts'
import { createSmtpMailer, mailDomain, senderAddress } from './digest/smtp.ts'
import { createSmtpOutage } from './digest/smtp-outage.ts'
import { openWholeDigest } from './digest/whole-digest.ts'
import { addresses } from './directory/addresses.ts'
import type { ErrorCode } from './errors.ts'
import { createHealth, type Health } from './health/health.ts'
import { smtpSeenAtWork } from './health/seen-at-work.ts'
import { createWatched, type Watched } from './health/watched.ts'
import type { HttpServer } from './http/server.ts'
import { loadLocales } from './i18n/locales.ts'
import { type KeyRing, openKeyRing } from './links/key-ring.ts'
import { createUrls } from './links/urls.ts'
import { loadPlainMail } from './mail/plain-mail.ts'
import { createPrometheus } from './metrics/prometheus.ts'
import { stateFigures } from './metrics/state-figures.ts'
import { confirmDestination, openDestination } from './preferences/destination.ts'
import type { DestinationLetters } from './preferences/destination-letters.ts'
import { type DestinationChange, notifyDestinationsChanged } from './preferences/destination-notices.ts'
import { preferencesByLink } from './preferences/preferences-by-link.ts'
import { doJobs } from './queue/do-jobs.ts'
import { Gate } from './queue/gate.ts'
import { offerDue } from './queue/offer-due.ts'
import { openReleaseLink, releaseByLink } from './release/release-by-link.ts'
import { endOrphans } from './release/retry-releases.ts'
import { tellAmavisOfTheRest } from './release/tell-amavis.ts'
import { rightClock } from './retry/right-clock.ts'
import { createLook } from './schedule/look.ts'
import type { DueRun } from './schedule/missed-runs.ts'
import { readNextRuns } from './schedule/next-runs.ts'
import { listSchedules, seedSchedules } from './schedule/schedules.ts'
import { loadDigestTemplate } from './templates/digest-template.ts'
import { templateFiles } from './templates/template-files.ts'
import { tidy } from './tidy/tidy.ts'

/** The use-cases, ready to be called by a door: the command line, HTTP or the clock. */
export interface App extends AsyncDisposable {
  /** What admins can see and do, by whichever door. */
  readonly desk: Desk
  /** Proves that both databases can be used. @throws CodedError with what to do */
  check(): Promise<void>
  /** Proves that our own tables can be used, whatever becomes of amavis's. @throws CodedError with what to do */
  checkOwnTables(): Promise<void>
  migrate(): Promise<string[]>
  collect(): Promise<number>
  /** The runs that the schedules ask for now, by the table and by what has been made. */
  dueRuns(): Promise<readonly DueRun[]>
  run(request: RunRequest): Promise<Made>
  /** Delivers now, without the queue, what is due; also what a dead process has left. */
  deliver(request: DeliverRequest): Promise<DeliveredToTheEnd>
  /** Lets the messages of digests go that could not be sent in time. */
  expireDigests(): Promise<number>
  /** Offers to the queue what the tables say is due. */
  offerDue(): Promise<void>
  /** Does what the queue hands out, until the signal is aborted and what is in hand is finished. */
  doJobs(signal: AbortSignal): Promise<void>
  /** Ends the claims of processes that died while they asked amavisd. */
  endOrphans(): Promise<void>
  /** Sets `msgrcpt.rs` where a release has been recorded and amavis's tables do not know. */
  tellAmavis(): Promise<void>
  /** Deletes old clicks, sign-ins and what else has served its time. */
  tidy(): Promise<void>
  /** Makes due what a clock that was ahead has put off for too long. */
  rightClock(): Promise<void>
  seedSchedules(): Promise<void>
  /** When each schedule is due next: an ISO 8601 time by its name. */
  nextRuns(): Promise<Readonly<Record<string, string>>>
  readonly apiKeys: ApiKeys
  /**
   * Reads and compiles now what the first digest needs.
   * @throws CodedError TEMPLATE_INVALID, CONFIG_INVALID (a key or certificate file)
   */
  prepare(): Promise<void>
  /** @param stop once aborted, /readyz says so first of all */
  startHttp(stop: AbortSignal): Promise<HttpServer>
  /** For those who watch a worker, and nobody else; undefined when it shall not listen. */
  startWatcherHttp(stop: AbortSignal): Promise<HttpServer | undefined>
}

export interface Surroundings {
  readonly log: Logger
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** The composition root: the one place that names adapters. Nothing connects before it is needed. */
export function createApp(config: Config, { log, clock }: Surroundings): App {
  const stack = new AsyncDisposableStack()
  const storage = stack.use(connect<AmavisTables>('storage', config.storage.url))
  const state = stateDatabase(config, storage, stack)
  const files = templateFiles(config.templates.folder)
  const locales = loadLocales(files)
  const template = once(() => loadDigestTemplate(files))
  const plainMail = once(() => loadPlainMail(files, mailDomain(config.smtp), clock))
  const keys = once(() => openKeyRing(config.links.keyFile, clock(), keyFault(log)))
  const watched = (part: string, code: ErrorCode, probe: () => Promise<string | undefined>) =>
    createWatched({ part, code, probe, every: config.health.every, clock: () => performance.now(), log })
  const smtp = watched('smtp', 'SMTP_UNREACHABLE', () => mailer().probe())
  const mailer = once(() =>
    stack.use(smtpSeenAtWork(createSmtpMailer(config.smtp, config.delivery.connections), smtp)),
  )
  const amavisds: Watched[] = []
  const transport = releaseTransportOf(config.release, probe => {
    const amavisd = watched('amavisd', 'AMAVISD_UNREACHABLE', probe)
    amavisds.push(amavisd)
    return amavisd
  })

  const outage = once(() => createSmtpOutage(mailer(), () => performance.now(), Math.random))
  const queue = once(async () => stack.use(await queueOf(config, log)))
  const health = createHealth({
    asked: [
      { part: 'storage', look: () => requireRights(storage.sql), silence: 'DATABASE_UNREACHABLE' },
      { part: 'state', look: () => requireMigrated(state), silence: 'DATABASE_UNREACHABLE' },
      { part: 'queue', look: async () => (await queue()).depth('digest'), silence: 'QUEUE_UNREACHABLE' },
    ],
    watched: [smtp, ...amavisds],
  })
  const metrics = createPrometheus({
    parts: health.parts,
    figures: () => stateFigures(state),
    queue: async kind => (await queue()).depth(kind),
    pools: () => poolsOf({ storage, ...(state.sql === storage.sql ? {} : { state }) }),
    clock,
  })
  const watchers = (stop: AbortSignal) => ({
    readiness: async () => (stop.aborted ? ['stopping'] : health.reasons()),
    metrics: metrics.page,
  })
  const owner = `${hostname().slice(0, 32)}/${process.pid}/${newId(clock()).slice(-8)}`
  // A digest whose links have expired is worth nothing: its messages go into the next one.
  const giveUp = Math.min(config.delivery.giveUp, config.links.lifetime / 2)

  const policies = config.policy
  const retention = config.purge.olderThan
  const contact = config.admins[0]?.address
  const standard = { language: config.readers.language, timeZone: standardTimeZone(config) }
  const shared = {
    storage: storage.sql,
    state,
    clock,
    random: Math.random,
    log,
    meter: metrics.meter,
    policies,
    retention,
    expiringSoon: config.digest.expiringSoon,
    lifetime: config.links.lifetime,
    canary: config.digest.canary,
    contact,
    standard,
    locales,
    template,
  }
  const limits = { ...DEFAULT_LIMITS, maxRows: config.digest.maxRows }

  const runDeps = {
    ...shared,
    directory: addresses,
    filter: { localOnly: config.collect.localOnly, excludedKinds: neverReleased(policies) },
    overlap: config.collect.overlap,
    initial: config.collect.initial,
    domain: mailDomain(config.smtp),
    schedules: () => listSchedules(state),
    giveUp,
    owner,
    lease: config.delivery.lease,
  }
  const linkDeps = () => ({ ...shared, keys: keys(), urls: urlsOf(config, keys()) })
  const deliverDeps = () => ({
    ...linkDeps(),
    limits,
    mailer: mailer(),
    outage: outage(),
    domain: mailDomain(config.smtp),
    owner,
    connections: config.delivery.connections,
    sending: new Gate(config.delivery.connections),
    lease: config.delivery.lease,
    giveUp,
  })
  const releaseDeps = {
    ...shared,
    directory: addresses,
    transport,
    giveUp: config.release.giveUp,
    claimLease: config.release.timeout + CLAIM_MARGIN,
  }
  const delivery = once(deliverDeps)
  const letters: DestinationLetters = {
    ...shared,
    plainMail: (words, letter) => plainMail()(words, letter),
    mailer: { send: mail => mailer().send(mail) },
  }
  const settingsDeps = {
    ...shared,
    plainMail: letters.plainMail,
    onDestinationChanged: (by: Actor, changes: readonly DestinationChange[]) =>
      notifyDestinationsChanged({ ...shared, ...letters, admins: config.admins }, by, changes),
  }
  const byHandDeps = {
    ...releaseDeps,
    sendNow: async (reader: string) => {
      const readers = [reader]
      const { digests } = await run(runDeps, { schedule: undefined, readers, dueAt: clock() })
      const { sent } = await deliverToTheEnd(delivery(), { dueAt: clock(), readers })
      return { digests, sent }
    },
  }
  const dueRuns = createLook({ state, standard, grace: config.runs.grace, clock, log })
  const checkOwnTables = async () => {
    const newer = await checkState(state)
    if (newer.length > 0) log.warn({ migrations: newer }, NEWER_TABLES)
  }

  const keysOfApi = apiKeys({ state, clock })
  const desk = deskOf({
    ...shared,
    publicUrl: config.publicUrl,
    previewing: { ...runDeps, limits },
    releasing: releaseDeps,
    byHand: byHandDeps,
    counting: runDeps,
    settings: settingsDeps,
    sending: () => ({ ...runDeps, ...delivery() }),
    resending: { ...shared, lifetime: config.links.lifetime },
  })

  return {
    desk,
    async check() {
      await checkStorage(storage.sql)
      await checkOwnTables()
      await checkClock(state, { clock, lease: config.delivery.lease, log })
    },
    checkOwnTables,
    migrate: () => migrate(state),
    collect: () => collect(runDeps, clock()),
    dueRuns,
    run: request => run(runDeps, request),
    deliver: request => deliverToTheEnd(delivery(), request),
    expireDigests: () => expireDigests({ ...shared, giveUp }),
    offerDue: async () => offerDue({ state, clock, queue: await queue() }),
    doJobs: async signal =>
      doJobs({ queue: await queue(), delivery: delivery(), releases: releaseDeps, log }, signal),
    endOrphans: () => endOrphans(releaseDeps),
    tellAmavis: () => tellAmavisOfTheRest(releaseDeps),
    tidy: () => tidy({ state, clock }),
    rightClock: () => rightClock({ state, clock, longest: longestAhead(config) }),
    seedSchedules: () => seedSchedules(state, config.schedules, clock()),
    nextRuns: () => readNextRuns(state, standard.timeZone, clock()),
    apiKeys: keysOfApi,
    async prepare() {
      mailer()
      await template()
    },
    async startHttp(stop) {
      const { startServer, loadPages, loadAdminPages } = await loadHttp()
      const links = { ...releaseDeps, ...linkDeps(), stop }
      const sender = senderAddress(config.smtp)
      const preferences = { ...runDeps, ...delivery(), ...settingsDeps, sender }
      const { recordClick } = stack.use(createClickRecorder({ ...shared, keys: keys() }))
      metrics.watchProcess()
      // Before the sign-ins, which mail: what is made first is closed last.
      mailer()
      const timeZone = standard.timeZone
      const signIns = signInsOf(config, { state, clock, log, mailer, plainMail, locales, timeZone })
      if (signIns) stack.use(signIns)
      const http = startServer({
        publicUrl: config.publicUrl,
        http: config.http,
        log,
        clock,
        contact,
        pages: loadPages(files, locales),
        oneClick: config.links.oneClick,
        meter: metrics.meter,
        ...watchers(stop),
        openReleaseLink: token => openReleaseLink(links, token),
        releaseByLink: (token, request) => releaseByLink(links, token, request),
        openWholeDigest: (token, page) => openWholeDigest(links, token, page),
        openCanary: (token, from) => openCanary(links, token, from),
        recordClick,
        preferences: preferencesByLink(preferences),
        openDestination: token => openDestination(preferences, token),
        confirmDestination: (token, from) => confirmDestination(preferences, token, from),
        api: { desk, clock, standardTimeZone: timeZone, findApiKey: keysOfApi.find },
        admin: signIns && {
          adminPages: loadAdminPages(files, locales),
          signIns,
          desk,
          health: health.parts,
          timeZone,
          languages: locales.languages,
          clock,
        },
      })
      return watching(health, http)
    },
    async startWatcherHttp(stop) {
      const { host, port } = config.worker
      if (port === undefined) return undefined
      const { startWatcherServer } = await loadHttp()
      metrics.watchProcess()
      return watching(health, startWatcherServer({ http: { host, port }, log, ...watchers(stop) }))
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const NEWER_TABLES =
  'our tables are those of a newer amavis-digest; this version can work with them meanwhile'

/** A third of what a command takes to start, and none but those that serve need it. */
const loadHttp = async () => ({
  ...(await import('./http/server.ts')),
  ...(await import('./http/pages.ts')),
  ...(await import('./http/admin/admin-pages.ts')),
})

/** Milliseconds that a claim outlives amavisd's time to answer: our own work around the question. */
const CLAIM_MARGIN = 30_000

/** One connection for one file: two of one process would wait for each other's SQLite locks without end. */
function stateDatabase(
  config: Config,
  storage: Database<AmavisTables>,
  stack: AsyncDisposableStack,
): Database<StateTables> {
  const url = config.state.url ?? config.storage.url
  if (url !== config.storage.url) return stack.use(connect<StateTables>('state', url))
  return storage as unknown as Database<StateTables>
}

/** Looks for the parts of the program for as long as somebody can ask about them. */
async function watching(health: Health, starting: Promise<HttpServer>): Promise<HttpServer> {
  const http = await starting
  const end = new AbortController()
  const watch = health.watch(end.signal)
  return {
    port: http.port,
    async [Symbol.asyncDispose]() {
      end.abort()
      await http[Symbol.asyncDispose]()
      await watch
    },
  }
}

function poolsOf(databases: Readonly<Record<string, Pick<Database<unknown>, 'pool'>>>) {
  const pools = Object.entries(databases).map(([role, { pool }]) => [role, pool?.()] as const)
  return Object.fromEntries(pools.flatMap(([role, figures]) => (figures ? [[role, figures]] : [])))
}

const urlsOf = (config: Config, keys: KeyRing) =>
  createUrls(
    {
      publicUrl: config.publicUrl,
      lifetime: config.links.lifetime,
      retention: config.purge.olderThan,
      canary: config.digest.canary,
    },
    keys,
  )

/** Nothing is put off, and no lease lasts, for longer than this; a margin for clocks that differ a little. */
const longestAhead = ({ delivery, release }: Config): number =>
  Math.max(3 * HOUR, 2 * delivery.lease, 2 * (release.timeout + CLAIM_MARGIN))

/** Milliseconds. */
const HOUR = 3_600_000

const neverReleased = (policies: Config['policy']): ContentKind[] =>
  (Object.keys(policies) as ContentKind[]).filter(kind => policies[kind] === 'never')

const keyFault = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'the changed key file cannot be used; the keys read before stay in use')

/** Made when it is first asked for, and then kept. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
