import type { Logger } from 'pino'
import { databasesOf, poolsOf } from './composition/databases-of.ts'
import { deskOf } from './composition/desk-of.ts'
import { directoryOf } from './composition/directory-of.ts'
import { healthOf, watchWhileServing } from './composition/health-of.ts'
import { holdBackOf } from './composition/hold-back-of.ts'
import { knownDirectoryOf } from './composition/known-directory-of.ts'
import { lostKeysOf } from './composition/lost-keys.ts'
import { quarantineOf } from './composition/quarantine-of.ts'
import { queueOf } from './composition/queue-of.ts'
import { readinessChecks } from './composition/readiness-checks.ts'
import { sendersOf } from './composition/senders/senders-of.ts'
import { serversOf } from './composition/servers-of.ts'
import { adminLink, readerSignInsOf, signInsOf } from './composition/sign-ins-of.ts'
import { standardTimeZone } from './composition/standard-time-zone.ts'
import { warnOfUnusedNames } from './composition/unused-names.ts'
import { workOf } from './composition/work-of.ts'
import { apiKeys } from './desks/admin/api-keys/api-keys.ts'
import { readNextRuns } from './desks/admin/schedules/next-runs.ts'
import { helpDesk } from './desks/help-desk/help-desk.ts'
import { linkVisits } from './desks/reader/link-visits.ts'
import { readerDesk } from './desks/reader/reader-desk.ts'
import { requestDesk } from './desks/requests/request-desk.ts'
import type { App, Surroundings } from './doors/app.ts'
import { checkStorage } from './ground/amavis/check-storage.ts'
import { requirePurgeRights } from './ground/amavis/purge/purge-rights.ts'
import { createRefusals } from './ground/audit/refusals.ts'
import { brandOf } from './ground/brand/brand.ts'
import { once } from './ground/concurrency/once.ts'
import type { Config } from './ground/config/schema.ts'
import { createWorkWatch } from './ground/health/work-watch.ts'
import { loadLocales } from './ground/i18n/locales.ts'
import { answerInstance } from './ground/links/instance.ts'
import { openKeyRing } from './ground/links/key-ring.ts'
import { loadPlainMail } from './ground/mail/plain-mail.ts'
import { mailDomain, senderAddress } from './ground/mail/smtp.ts'
import { NO_METRICS } from './ground/metrics/no-metrics.ts'
import { noticeDeliveries } from './ground/metrics/noticed-deliveries.ts'
import { checkClock } from './ground/state/check-clock.ts'
import { checkState } from './ground/state/check-state.ts'
import { isKnownAddress } from './ground/state/known-addresses.ts'
import { migrate } from './ground/state/migrate.ts'
import { loadDigestTemplate } from './ground/templates/digest-template.ts'
import { templateFiles } from './ground/templates/template-files.ts'
import { asReader } from './rules/reach/visitor.ts'
import { createClickRecorder } from './work/clicks/click-recorder.ts'
import { collect } from './work/collect/collect.ts'
import { unnoticed } from './work/collect/pace.ts'
import { placeAnew } from './work/collect/place-anew.ts'
import { run } from './work/digest/make/run.ts'
import { deliverUntilDone } from './work/digest/send/deliver-until-done.ts'
import { expireDigests } from './work/digest/send/expire.ts'
import { checkMails } from './work/digest/show/check-mails.ts'
import { keepLast } from './work/doctor/last-examination.ts'
import type { Doctor, LookWhere } from './work/doctor/run-checks.ts'
import { doJobs } from './work/jobs/do-jobs.ts'
import { offerDue } from './work/jobs/offer-due.ts'
import { promiseWarnings } from './work/purge/promise-warnings.ts'
import { markMissedInAmavis } from './work/release/mark-in-amavis.ts'
import { createMarksMade } from './work/release/marks-made.ts'
import { endOrphans } from './work/release/retry-releases.ts'
import { createScheduleCheck } from './work/schedules/check-schedules.ts'
import { differingSchedules } from './work/schedules/differing-schedules.ts'
import { notingZones } from './work/schedules/directory-zones.ts'
import { seedSchedules } from './work/schedules/schedules.ts'
import { pageLanguageOf } from './work/settings/read-settings.ts'
import { readersWhoSignIn } from './work/sign-in/readers.ts'
import { stateFigures } from './work/stuck/state-figures.ts'
import { resetFutureTimes } from './work/tidy/reset-future-times.ts'
import { tidy } from './work/tidy/tidy.ts'

/** The composition root. Connections are made on first use. */
export async function createApp(
  config: Config,
  { log, clock, isService = false }: Surroundings,
): Promise<App> {
  const stack = new AsyncDisposableStack()
  const databases = databasesOf(config, stack)
  const { storage, state } = databases
  const files = templateFiles(config.templates.folder)
  const locales = loadLocales(files)
  const brand = once(() => brandOf(config.brand))
  const template = once(() => loadDigestTemplate(files, brand().colours))
  const plainMail = once(() => loadPlainMail(files, mailDomain(config.smtp), clock, brand()))
  const keys = once(() => openKeyRing(config.links.keyFile, clock(), keyFault(log)))
  const queue = once(async () => stack.use(await queueOf(config, log)))
  const servers = serversOf(config, { storage, clock, log }, stack)
  const { mailer, smtpConnections, transport } = servers
  const works = createWorkWatch(() => performance.now())
  const asked = notingZones(directoryOf(config, stack), { state, clock })
  const known = knownDirectoryOf(config, { directory: asked, state, clock, log })
  const { directory, placing } = known
  const lostKeys = lostKeysOf({ config, state, keys, clock, log })
  const watched = [...servers.watched, ...known.watched]
  const readiness = readinessChecks({
    storage,
    state,
    queue,
    lostKeys,
    purges: config.purge.enabled,
  })
  const health = healthOf({ readiness, watched, works })
  const [directoryPart] = known.watched
  // Loaded when somebody asks: few commands do.
  const fullDoctor = once(async () => {
    const { doctorOf } = await import('./composition/doctor-of.ts')
    const { networkChecksOf } = await import('./composition/network-checks-of.ts')
    const network = (where: LookWhere) =>
      networkChecksOf(config, { ...databases, clock, mailer, keys }, where)
    const sendTest: Doctor['sendTest'] = async (address, through, where = {}) => {
      const { sendTestOf } = await import('./composition/send-test-of.ts')
      return sendTestOf(config, { ...work, directory, standard, clock }, { address, through, where })
    }
    const deps = { ...databases, readiness, directoryPart, directory, lostKeys, files, clock }
    return doctorOf(config, { ...deps, network, sendTest }, stack)
  })
  const doctor: Doctor = {
    examine: async options => (await fullDoctor()).examine(options),
    sendTest: async (...request) => (await fullDoctor()).sendTest(...request),
  }
  const metrics = isService
    ? (await import('./ground/metrics/prometheus.ts')).createPrometheus({
        parts: health.parts,
        figures: () => stateFigures(state),
        queue: async kind => (await queue()).depth(kind),
        pools: () => poolsOf(databases),
        smtp: smtpConnections,
        clock,
      })
    : NO_METRICS
  const watchers = (stop: AbortSignal) => ({
    readiness: async () => (stop.aborted ? ['stopping'] : health.reasons()),
    metrics: metrics.page,
  })
  const { meter, isSending } = noticeDeliveries(metrics.meter, () => performance.now())
  const refusals = once(() => stack.use(createRefusals({ state, clock, log, meter })))
  const holdBack = holdBackOf(config, { servers, log })
  const made = { keys, mailer, transport, holdBack, works, locales, template, plainMail, brand }
  const marksMade = stack.use(createMarksMade({ state, works, log }))
  const parts = { ...databases, ...made, log, clock, meter, directory, placing, marksMade }
  const work = workOf(config, parts)
  const { sharedDeps, makeDeps, sendDeps, releaseDeps } = work
  const { standard } = sharedDeps
  const desk = deskOf({
    schedules: makeDeps,
    settings: work.settingsDeps,
    readers: makeDeps,
    directory: {
      ...sharedDeps,
      liveDirectory: known.live,
      rememberedAnswers: known.remembered,
      directoryKind: config.directory.kind,
    },
    digests: { ...work.previewDeps, publicUrl: config.publicUrl, sendDeps },
    releases: releaseDeps,
    stuck: work.stuckDeps,
    changes: sharedDeps,
    figures: sharedDeps,
  })
  const keysOfApi = apiKeys({ state, clock })
  const quarantine = quarantineOf(config, work, keysOfApi, stack)
  const requests = requestDesk(work.requestDeps)
  const senders = sendersOf(config, work, stack)
  const checkOwnTables = async () => {
    const newer = await checkState(state)
    if (newer.length > 0) log.warn({ migrations: newer }, NEWER_TABLES)
  }

  const dueRuns = createScheduleCheck({ ...sharedDeps, grace: config.runs.grace })

  return {
    desk,
    quarantine: quarantine.desk,
    requests,
    senders,
    learning: quarantine.learning,
    async check() {
      await checkStorage(storage.sql)
      await checkOwnTables()
      await checkClock(state, { clock, lease: config.delivery.lease, log })
    },
    checkOwnTables,
    checkStorage: () => checkStorage(storage.sql),
    doctor,
    tellOfLostKeys: lostKeys.tell,
    migrate: () => migrate(state),
    collect: () => works.run('collecting', 'held mail', () => collect(makeDeps, clock())),
    collectUnnoticed: signal =>
      works.run('collecting', 'held mail', () => collect(makeDeps, clock(), unnoticed(signal))),
    placeAnew: signal =>
      works.run('collecting', 'waiting mail', async () => (await placeAnew(makeDeps, signal)) !== undefined),
    dueRuns: () => works.run('making runs', 'due', dueRuns),
    run: request => works.run('making runs', request.schedule ?? 'by hand', () => run(makeDeps, request)),
    deliver: request => deliverUntilDone(sendDeps(), request),
    expireDigests: () => works.run('sending', 'expired', () => expireDigests(makeDeps)),
    offerDue: () => works.run('sending', 'due', async () => offerDue({ state, clock, queue: await queue() })),
    doJobs: async signal =>
      doJobs({ queue: await queue(), delivery: sendDeps(), releases: releaseDeps, works, log }, signal),
    endOrphans: () => works.run('releasing', 'orphans', () => endOrphans(releaseDeps)),
    markInAmavis: () => works.run('recording', 'missed', () => markMissedInAmavis(releaseDeps)),
    sweepRequests: signal =>
      works.run('releasing', 'requests', async () => {
        const { sweepRequests } = await import('./work/requests/sweep-requests.ts')
        return sweepRequests(work.requestDeps, signal)
      }),
    workOnBulks: signal => works.run('releasing', 'together', () => quarantine.workOnBulks(signal)),
    purge: async request => {
      const { purge } = await import('./work/purge/purge.ts')
      return purge(work.purgeDeps, request)
    },
    purgeWhenDue: signal =>
      works.run('purging', 'due', async () => {
        const { purgeWhenDue } = await import('./work/purge/purge-when-due.ts')
        return purgeWhenDue(
          work.purgeDeps,
          { crons: config.purge.cron, timeZone: config.purge.timezone ?? standardTimeZone(config) },
          signal,
        )
      }),
    checkPurge: async () => {
      if (config.purge.enabled) await requirePurgeRights(storage.sql)
    },
    promiseWarnings: () => promiseWarnings(sharedDeps),
    tidy: () =>
      works.run('tidying', 'old rows', () => tidy({ ...work.purgeDeps, auditKeptFor: config.audit.keepFor })),
    resetFutureTimes: () =>
      works.run('tidying', 'future times', () => resetFutureTimes(work.resetFutureTimesDeps)),
    seedSchedules: () => seedSchedules(state, config.schedules, clock()),
    differingSchedules: () => differingSchedules(state, config.schedules),
    nextRuns: () => readNextRuns(state, standard.timeZone, clock()),
    apiKeys: keysOfApi,
    adminLink: (by, address) => adminLink(config, { state, clock }, by, address),
    async prepare() {
      mailer()
      brand()
      await template()
      await (await queue()).check()
      // Our own templates are rendered by our tests.
      if (config.templates.folder === undefined) return
      const { checkPages } = await import('./doors/http/samples/check-pages.ts')
      const shown = { files, locales, ...standard }
      checkMails({ ...shown, template: await template(), plainMail: plainMail() })
      await checkPages({ ...shown, contact: sharedDeps.contact })
      warnOfUnusedNames(files, log)
    },
    async startHttp(stop, onChange) {
      const { startServer, startWatcherServer, loadPages, loadAdminPages, loadMailPages } = await loadHttp()
      const visitDeps = { ...releaseDeps, ...work.linkDeps(), refusals: refusals(), stop }
      const sender = senderAddress(config.smtp)
      const reader = readerDesk({ ...sendDeps(), ...work.settingsDeps, ...visitDeps, sender })
      const lookedAt = helpDesk({
        ...sharedDeps,
        quarantine: quarantine.desk,
        senders,
        preferencesOf: address => reader.settings.show(asReader(address)),
      })
      const { recordClick } = stack.use(createClickRecorder({ ...sharedDeps, keys: keys() }))
      // Created before the sign-ins, which send mail, so that it is closed after them.
      mailer()
      const timeZone = standard.timeZone
      const signInDeps = { state, clock, log, refusals: refusals(), mailer, plainMail, locales, timeZone }
      const signIns = signInsOf(config, signInDeps)
      if (signIns) stack.use(signIns)
      const isKnownHere = async (address: string) =>
        config.directory.kind !== 'addresses' || isKnownAddress(state, address)
      const readers = readersWhoSignIn({ ...known, isKnownHere })
      const { signInWaysOf } = await import('./composition/sign-in-ways.ts')
      const ways = signInWaysOf(config, { state, clock, log, stack })
      const readerSignIns = stack.use(readerSignInsOf(config, signInDeps, readers))
      const { host, port } = config.watch
      const watch =
        port === undefined
          ? undefined
          : stack.use(
              await startWatcherServer({ section: 'watch', http: { host, port }, log, ...watchers(stop) }),
            )
      if (watch) log.info({ host, port: watch.port }, 'listening for monitoring')
      const messages = {
        quarantine: quarantine.desk,
        requests,
        senders,
        learning: quarantine.learning,
        policies: sharedDeps.policies,
        readersSeeHeaders: config.quarantine.headers,
      }
      const http = startServer({
        publicUrl: config.publicUrl,
        http: config.http,
        log,
        clock,
        contact: sharedDeps.contact,
        standardLanguage: standard.language,
        pages: loadPages(files, locales, brand()),
        oneClick: config.links.oneClick,
        meter,
        isSending,
        refusals: refusals(),
        onChange,
        answerInstance: token => answerInstance(keys(), token, clock()),
        ...watchers(stop),
        watchedElsewhere: watch !== undefined,
        visits: linkVisits(visitDeps),
        reader,
        recordClick,
        messages,
        api: {
          desk,
          quarantine: quarantine.desk,
          requests,
          senders,
          learning: quarantine.learning,
          clock,
          standardTimeZone: timeZone,
          findApiKey: keysOfApi.find,
        },
        redirectsMailzu: config.mailzu.redirects,
        mail: {
          mailPages: loadMailPages(files, locales, brand()),
          signIns: readerSignIns,
          ...ways.readers,
          pageLanguage: address => pageLanguageOf(state, address, standard),
          timeZone,
          ...messages,
          looks: lookedAt,
        },
        admin: signIns && {
          ...messages,
          helpDesk: lookedAt,
          adminPages: loadAdminPages(files, locales, brand()),
          signIns,
          ...ways.admins,
          desk,
          health: health.parts,
          doctor: keepLast(doctor, clock),
          timeZone,
          languages: locales.languages,
          clock,
        },
      })
      return watchWhileServing(health, http)
    },
    async startWatcherHttp(stop) {
      const { host, port } = config.worker
      if (port === undefined) return undefined
      const { startWatcherServer } = await loadHttp()
      return watchWhileServing(
        health,
        startWatcherServer({ section: 'worker', http: { host, port }, log, ...watchers(stop) }),
      )
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const NEWER_TABLES = 'our tables come from a newer amavis-digest; this version can still work with them'

/** Loaded only where HTTP is served: loading it takes a third of the time that a command needs to start. */
const loadHttp = async () => ({
  ...(await import('./doors/http/server.ts')),
  ...(await import('./doors/http/pages/pages.ts')),
  ...(await import('./doors/http/admin/frame/admin-pages.ts')),
  ...(await import('./doors/http/mail/mail-pages.ts')),
})

const keyFault = (log: Logger) => (error: unknown) =>
  log.error({ err: error }, 'the changed key file cannot be used; the keys read before stay in use')
