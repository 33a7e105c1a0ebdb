import { hostname } from 'node:os'
import { pid } from 'node:process'
import type { Logger } from 'pino'
import { retentionOf } from '../ground/amavis/retention.ts'
import type { ReleaseTransport } from '../ground/amavisd/transport.ts'
import type { Actor } from '../ground/audit/record.ts'
import { type Brand, brandName } from '../ground/brand/brand.ts'
import { once } from '../ground/concurrency/once.ts'
import type { Config } from '../ground/config/schema.ts'
import type { Directory } from '../ground/directory/directory.ts'
import { HOUR, SECOND } from '../ground/durations.ts'
import type { WorkWatch } from '../ground/health/work-watch.ts'
import type { Locales } from '../ground/i18n/locales.ts'
import type { KeyRing } from '../ground/links/key-ring.ts'
import { createUrls } from '../ground/links/urls.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import type { PlainMail } from '../ground/mail/plain-mail.ts'
import { mailDomain } from '../ground/mail/smtp.ts'
import { createSmtpOutage } from '../ground/mail/smtp-outage.ts'
import type { Meter } from '../ground/metrics/meter.ts'
import { newId } from '../ground/state/id.ts'
import type { DigestTemplate } from '../ground/templates/digest-template.ts'
import { policiesOf } from '../rules/policy/policy.ts'
import { contactOf } from '../rules/reach/admins.ts'
import { heldMailFilter } from '../work/collect/held-mail-filter.ts'
import type { PlaceAnewDeps } from '../work/collect/place-anew.ts'
import { run } from '../work/digest/make/run.ts'
import { deliverUntilDone } from '../work/digest/send/deliver-until-done.ts'
import type { HoldBack } from '../work/digest/send/hold-back.ts'
import { MailsAtOnce } from '../work/digest/send/mails-at-once.ts'
import { DEFAULT_LIMITS } from '../work/digest/show/render.ts'
import type { MarksMade } from '../work/release/marks-made.ts'
import { followMessage } from '../work/requests/follow-message.ts'
import { listSchedules } from '../work/schedules/schedules.ts'
import { type DestinationChange, notifyDestinationsChanged } from '../work/settings/destination-notices.ts'
import { withDirectory } from '../work/settings/standards.ts'
import { brandInMail } from './brand-in-mail.ts'
import type { Databases } from './databases-of.ts'
import { standardLanguage } from './standard-language.ts'
import { standardTimeZone } from './standard-time-zone.ts'

/** The parts that the use-cases are built from. A function creates its part on first use. */
export interface Parts extends Databases {
  readonly log: Logger
  readonly clock: () => number
  readonly meter: Meter
  readonly directory: Directory
  readonly placing: PlaceAnewDeps['placing']
  readonly keys: () => KeyRing
  readonly mailer: () => Mailer
  readonly transport: ReleaseTransport
  readonly holdBack: HoldBack
  readonly works: WorkWatch
  readonly marksMade: MarksMade
  readonly locales: Locales
  readonly template: () => Promise<DigestTemplate>
  readonly plainMail: () => PlainMail
  readonly brand: () => Brand
}

/** The dependencies of the use-cases that make digests, send them, release messages and change settings. */
export function workOf(config: Config, parts: Parts) {
  const { state, clock, keys, mailer } = parts
  const sharedDeps = sharedBy(config, parts)
  const processDeps = {
    domain: mailDomain(config.smtp),
    owner: `${hostname().slice(0, 32)}/${pid}/${newId(clock()).slice(-8)}`,
    lease: config.delivery.lease,
    // A digest whose links have expired is useless, so it is given up and its messages go into the next one.
    giveUpDigestsAfter: Math.min(config.delivery.giveUp, config.links.lifetime / 2),
  }
  const limits = { ...DEFAULT_LIMITS, maxRows: config.digest.maxRows }
  const makeDeps = {
    ...sharedDeps,
    ...processDeps,
    filter: heldMailFilter(config),
    overlap: config.collect.overlap,
    initial: config.collect.initial,
    placing: parts.placing,
    schedules: () => listSchedules(state),
  }
  const linkDeps = once(() => ({ ...sharedDeps, keys: keys(), urls: urlsOf(config, keys()) }))
  const sendDeps = once(() => ({
    ...makeDeps,
    ...linkDeps(),
    ...brandInMail(parts.brand(), processDeps.domain),
    limits,
    holdBack: parts.holdBack,
    mailer: mailer(),
    outage: createSmtpOutage(mailer(), () => performance.now(), Math.random),
    connections: config.delivery.connections,
    mailsAtOnce: new MailsAtOnce(config.delivery.connections, parts),
  }))
  const releaseDeps = {
    ...sharedDeps,
    marksMade: parts.marksMade,
    afterChange: (heldId: string) => followMessage(sharedDeps, heldId),
    transport: parts.transport,
    giveUpReleasesAfter: config.release.giveUp,
    claimLease: config.release.timeout + CLAIM_MARGIN,
    releasesAtOnce: config.release.connections,
    releasePatience: RELEASE_PATIENCE,
  }
  return {
    sharedDeps,
    makeDeps,
    linkDeps,
    sendDeps,
    releaseDeps,
    previewDeps: { ...makeDeps, limits, brand: { name: brandName(config.brand.name), logo: undefined } },
    settingsDeps: settingsDepsOf(config, parts, sharedDeps),
    requestDeps: {
      ...makeDeps,
      ...releaseDeps,
      ...lettersOf(parts),
      admins: config.admins,
      publicUrl: config.publicUrl,
    },
    stuckDeps: {
      ...releaseDeps,
      sendNow: async (reader: string) => {
        const readers = [reader]
        const { digests } = await run(makeDeps, { schedule: undefined, readers, dueAt: clock() })
        const { sent } = await deliverUntilDone(sendDeps(), { dueAt: clock(), readers })
        return { digests, sent }
      },
    },
    purgeDeps: {
      storage: parts.storage,
      state,
      clock,
      log: parts.log,
      retention: sharedDeps.retention,
      lifetime: sharedDeps.lifetime,
      terms: {
        retention: sharedDeps.retention,
        released: config.purge.released,
        deleted: config.purge.deleted,
      },
      batch: config.purge.batch,
      pause: config.purge.pause,
    },
    resetFutureTimesDeps: { state, clock, longest: longestAhead(config) },
  }
}

const sharedBy = (
  config: Config,
  { storage, state, clock, log, meter, works, directory, locales, template }: Parts,
) => ({
  storage: storage.sql,
  state,
  clock,
  random: Math.random,
  log,
  meter,
  works,
  directory,
  policies: policiesOf(config.policy, config.requests),
  requestTerms: config.requests,
  retention: retentionOf(config.purge.olderThan, config.purge.kinds),
  expiringSoon: config.digest.expiringSoon,
  spamBorder: config.digest.spamBorder,
  showScore: config.digest.showScore,
  disguise: config.digest.disguise,
  lifetime: config.links.lifetime,
  canary: config.digest.canary,
  contact: contactOf(config.admins),
  standard: withDirectory(
    { language: standardLanguage(config, locales.languages), timeZone: standardTimeZone(config) },
    directory,
    locales.languages,
  ),
  locales,
  template,
})

function settingsDepsOf(config: Config, parts: Parts, shared: ReturnType<typeof sharedBy>) {
  const letters = lettersOf(parts)
  const noticeDeps = { ...shared, ...letters, admins: config.admins.filter(isNoHelpDesk) }
  return {
    ...shared,
    plainMail: letters.plainMail,
    onDestinationChanged: (by: Actor, changes: readonly DestinationChange[]) =>
      notifyDestinationsChanged(noticeDeps, by, changes),
  }
}

/** The help desk changes nothing, and is told of no change. */
const isNoHelpDesk = (admin: Config['admins'][number]): boolean =>
  !('role' in admin) || admin.role !== 'helpDesk'

/** Writes and sends mails that are no digests. What that needs is made when the first one is sent. */
function lettersOf(parts: Parts) {
  const plainMail: PlainMail = (words, letter) => parts.plainMail()(words, letter)
  const mailer: Pick<Mailer, 'send'> = { send: mail => parts.mailer().send(mail) }
  return { plainMail, mailer }
}

const urlsOf = (config: Config, keys: KeyRing) =>
  createUrls(
    {
      publicUrl: config.publicUrl,
      lifetime: config.links.lifetime,
      retention: retentionOf(config.purge.olderThan, config.purge.kinds),
      canary: config.digest.canary,
    },
    keys,
  )

/** How long a claim outlives amavisd's time to answer, in milliseconds: our own work takes time too. */
const CLAIM_MARGIN = 30 * SECOND

/** How long a page that releases several messages may take to answer, in milliseconds: proxies wait 60 s, people less. */
const RELEASE_PATIENCE = 10 * SECOND

/** The longest that an attempt is put off or a lease lasts, with a margin for clocks that differ a little. */
const longestAhead = ({ delivery, release }: Config): number =>
  Math.max(3 * HOUR, 2 * delivery.lease, 2 * (release.timeout + CLAIM_MARGIN))
