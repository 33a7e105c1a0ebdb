import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { createApp } from '../../../../src/app.ts'
import { SIGN_IN_LIMITS } from '../../../../src/composition/sign-ins-of.ts'
import { createMailboxes, type ReceivedMail } from '../../../../src/demo/inbox/mailboxes.ts'
import { startSmtpCatcher } from '../../../../src/demo/smtp-catcher.ts'
import type { App } from '../../../../src/doors/app.ts'
import { type ConfigInput, configSchema } from '../../../../src/ground/config/schema.ts'
import { beginSession } from '../../../../src/ground/sign-in/sessions.ts'
import { adminsOf } from '../../../../src/rules/reach/admins.ts'
import { type ManualClock, manualClock } from '../../../embedded/clock.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../../embedded/database.ts'
import { PUBLIC_URL } from '../../../embedded/program.ts'
import { quickFolder } from '../../../quick-folder.ts'
import { type TestBrowser, testBrowser } from '../../../servers/test-browser.ts'
import { waitUntil } from '../../../servers/wait.ts'

export const ADMIN = 'postmaster@example.com'
export const DOMAIN_ADMIN = 'desk@example.org'

/** The whole program in this process, on SQLite, with a mailbox for every mail that it sends. */
export interface ServedDesk {
  readonly app: App
  readonly time: ManualClock
  readonly database: EmbeddedDatabase
  readonly mails: () => readonly ReceivedMail[]
  /** A new browser, without cookies. */
  browser(headers?: Readonly<Record<string, string>>): TestBrowser
  /** A browser with an admin's session. The default admin may do everything. */
  signedIn(address?: string): Promise<TestBrowser>
  /** Waits for the `count`th sign-in link that is mailed to this address. @returns its path */
  linkFor(address: string, count?: number): Promise<string>
  /** Starts another instance on the same tables with other settings, as after a change of the configuration. */
  again(settings: Partial<ConfigInput>): Promise<ServedDesk>
}

/** Registers a clean-up; vitest's `onTestFinished` is one. */
type Defer = (cleanUp: () => Promise<void>) => void

/** Starts a desk, which ends with the test. With another `defer`, the tests of a file can share one desk. */
export async function servedDesk(
  settings: Partial<ConfigInput> = {},
  defer: Defer = onTestFinished,
): Promise<ServedDesk> {
  const folder = mkdtempSync(join(quickFolder(), 'amavis-digest-desk-'))
  const database = await openEmbeddedDatabase(folder)
  const mailboxes = createMailboxes()
  const catcher = await startSmtpCatcher(mailboxes.receive)
  defer(async () => {
    await database[Symbol.asyncDispose]()
    await catcher[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const shared = {
    publicUrl: PUBLIC_URL,
    http: { port: 0, perAddress: 10_000 },
    storage: { url: database.url },
    smtp: { url: `smtp://127.0.0.1:${catcher.port}`, from: 'Mail quarantine <quarantine@example.com>' },
    links: { keyFile: `${folder}/token.keys` },
    // There is no amavisd.
    delivery: { withoutRelease: true },
    admins: [ADMIN, { address: DOMAIN_ADMIN, domains: ['example.org'] }],
  }
  const time = manualClock()
  const start = (overrides: Partial<ConfigInput>): Promise<ServedDesk> =>
    startDesk({ ...shared, ...overrides }, { time, database, mails: mailboxes.list, again: start }, defer)
  return start(settings)
}

async function startDesk(
  settings: ConfigInput,
  world: Pick<ServedDesk, 'time' | 'database' | 'mails' | 'again'>,
  defer: Defer,
): Promise<ServedDesk> {
  const config = configSchema.parse(settings)
  const log = pino({ level: 'silent' })
  const app = await createApp(config, { log, clock: world.time.clock, isService: true })
  await app.seedSchedules()
  const http = await app.startHttp(new AbortController().signal)
  defer(async () => {
    await http[Symbol.asyncDispose]()
    await app[Symbol.asyncDispose]()
  })
  const origin = new URL(config.publicUrl).origin
  const browser = (headers = {}) => testBrowser(`http://127.0.0.1:${http.port}`, { origin, ...headers })
  const linkFor = (address: string, count = 1) =>
    waitUntil(`link ${count} for ${address}`, () => linkIn(world.mails(), address, count))
  return {
    ...world,
    app,
    browser,
    linkFor,
    async signedIn(address = ADMIN) {
      const admin = adminsOf(config.admins).find(address)
      if (!admin) throw new Error(`${address} is not an admin here`)
      const visitor = browser()
      const value = await beginSession(
        { state: world.database.state, clock: world.time.clock, limits: SIGN_IN_LIMITS },
        admin,
      )
      const name = config.publicUrl.startsWith('https:') ? '__Host-amavis-digest' : 'amavis-digest'
      visitor.cookies.set(name, { name, value })
      return visitor
    },
  }
}

/** The path of the sign-in link in the `count`th mail to an address. */
function linkIn(mails: readonly ReceivedMail[], address: string, count: number): string | undefined {
  const mail = mails.filter(({ to }) => to === address).toReversed()[count - 1]
  const url = /https?:\S+\/admin\/sign-in\/\S+/.exec(mail?.text ?? '')?.[0]
  return url && new URL(url).pathname
}
