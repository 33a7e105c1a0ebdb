import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { AdminReleaseDeps } from '../../src/desks/admin/releases/release-by-admin.ts'
import type { SettingsDeps } from '../../src/desks/admin/settings/change-settings.ts'
import type { LinkVisitsDeps } from '../../src/desks/reader/link-visits.ts'
import type { ReaderDeskDeps } from '../../src/desks/reader/reader-desk.ts'
import type { LinkDeps } from '../../src/desks/reader/visit-by-link.ts'
import type { HeldMailFilter } from '../../src/ground/amavis/held-mail-between.ts'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY, HOUR, MINUTE } from '../../src/ground/durations.ts'
import { createWorkWatch } from '../../src/ground/health/work-watch.ts'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { openKeyRing } from '../../src/ground/links/key-ring.ts'
import { createUrls } from '../../src/ground/links/urls.ts'
import { loadPlainMail } from '../../src/ground/mail/plain-mail.ts'
import { createSmtpOutage } from '../../src/ground/mail/smtp-outage.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { type DigestTemplate, loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import type { RunDeps } from '../../src/work/digest/make/run.ts'
import type { DeliverDeps } from '../../src/work/digest/send/deliver.ts'
import { MailsAtOnce } from '../../src/work/digest/send/mails-at-once.ts'
import { createMarksMade, type MarksMade } from '../../src/work/release/marks-made.ts'
import { listSchedules } from '../../src/work/schedules/schedules.ts'
import type { TidyDeps } from '../../src/work/tidy/tidy.ts'
import { quickFolder } from '../quick-folder.ts'
import { STANDARD_POLICIES } from '../standard-policies.ts'
import { type ManualClock, manualClock } from './clock.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from './database.ts'
import { type RecordingMeter, recordingMeter } from './recording-meter.ts'
import { type RecordingRefusals, recordingRefusals } from './recording-refusals.ts'
import { type ScriptedMailer, scriptedMailer } from './scripted-mailer.ts'
import { type ScriptedTransport, scriptedTransport } from './scripted-transport.ts'

/** The dependencies of the use-cases. Everything is real except amavisd, the SMTP server and the clock. */
export interface EmbeddedProgram extends EmbeddedDatabase {
  readonly time: ManualClock
  readonly mailer: ScriptedMailer
  readonly transport: ScriptedTransport
  readonly meter: RecordingMeter
  readonly refusals: RecordingRefusals
  readonly marksMade: MarksMade
  readonly deps: RunDeps &
    DeliverDeps &
    AdminReleaseDeps &
    LinkDeps &
    ReaderDeskDeps &
    SettingsDeps &
    LinkVisitsDeps &
    TidyDeps
  /** All rows of one of our tables. */
  rows<Table extends keyof StateTables>(table: Table): Promise<StateTables[Table][]>
}

export const LOCALES = loadLocales(templateFiles())
export const PUBLIC_URL = 'https://quarantine.example.com'

/** A program on a fresh database, which is removed after the test. */
export async function embeddedProgram(
  defer: (cleanUp: () => Promise<void>) => void = onTestFinished,
): Promise<EmbeddedProgram> {
  const folder = mkdtempSync(join(quickFolder(), 'amavis-digest-embedded-'))
  const database = await openEmbeddedDatabase(folder)
  defer(async () => {
    await marksMade[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const time = manualClock()
  const mailer = scriptedMailer()
  const transport = scriptedTransport()
  const meter = recordingMeter()
  const refusals = recordingRefusals()
  const keys = openKeyRing(join(folder, 'token.keys'), time.now, error => {
    throw error
  })
  const works = createWorkWatch(time.clock)
  const log = pino({ level: 'silent' })
  const marksMade = createMarksMade({ state: database.state, works, log })
  const retention = retentionOf(30 * DAY)
  const lifetime = 14 * DAY
  const filter: HeldMailFilter = { localOnly: true, excludedKinds: ['virus'] }
  const deps = {
    storage: database.storage.sql,
    state: database.state,
    directory: addresses(''),
    placing: { source: 'addresses', every: HOUR },
    filter,
    overlap: HOUR / 4,
    initial: DAY,
    policies: { ...STANDARD_POLICIES },
    requestTerms: { expire: 7 * DAY, mailEvery: 10 * MINUTE, virusNeedsTwo: false },
    retention,
    spamBorder: 10,
    showScore: false,
    disguise: 'auto' as const,
    brand: { name: '', logo: undefined },
    image: undefined,
    expiringSoon: 3 * DAY,
    lifetime,
    canary: true,
    standard: { language: 'en', timeZone: 'UTC' },
    schedules: () => listSchedules(database.state),
    contact: 'postmaster@example.com',
    keys,
    urls: createUrls({ publicUrl: PUBLIC_URL, lifetime, retention, canary: true }, keys),
    mailer,
    template: realTemplate,
    plainMail: loadPlainMail(templateFiles(), 'example.com', time.clock),
    onDestinationChanged: async () => {},
    locales: LOCALES,
    limits: { maxRows: 100, maxBytes: 102_400 },
    domain: 'example.com',
    sender: 'quarantine@example.com',
    owner: 'this process',
    connections: 4,
    mailsAtOnce: new MailsAtOnce(4, { state: database.state, works, clock: time.clock }),
    lease: 30_000,
    holdBack: { reasonFor: async () => undefined },
    works,
    outage: createSmtpOutage(mailer, time.clock, () => 0),
    giveUpDigestsAfter: DAY,
    giveUpReleasesAfter: DAY,
    transport,
    meter,
    refusals,
    auditKeptFor: 365 * DAY,
    claimLease: MINUTE,
    releasesAtOnce: 2,
    releasePatience: 10_000,
    random: () => 0,
    clock: time.clock,
    log,
    marksMade,
  } as const
  return {
    ...database,
    time,
    mailer,
    transport,
    meter,
    refusals,
    marksMade,
    deps,
    rows: async table => (await database.state.sql.selectFrom(table).selectAll().execute()) as never,
  }
}

let template: Promise<DigestTemplate> | undefined

/** Compiled once per test file, because MJML takes half a second. */
function realTemplate(): Promise<DigestTemplate> {
  template ??= loadDigestTemplate(templateFiles())
  return template
}
