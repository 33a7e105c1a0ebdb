import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../app.ts'
import type { App } from '../doors/app.ts'
import type { DemoRequest } from '../doors/cli/context.ts'
import { serve } from '../doors/service/service.ts'
import type { Actor } from '../ground/audit/record.ts'
import { type Config, type ConfigInput, configSchema } from '../ground/config/schema.ts'
import { createLog } from '../ground/log.ts'
import type { Editor } from '../rules/reach/reach.ts'
import { READERS_OWN } from '../rules/schedule/schedule.ts'
import { EVERYBODY } from '../rules/settings/scope.ts'
import { startWorld, type World } from './world.ts'

/** Runs the program in an embedded world until the signal is aborted. It sends one digest at once. */
export async function runDemo(options: DemoRequest): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-demo-'))
  try {
    const log = createLog('warn')
    await using world = await startWorld({
      folder: join(folder, 'world'),
      now: Date.now(),
      inboxPort: options.inboxPort,
      log,
    })
    const config = demoConfig(world, folder, await freePort(options.port))
    await using app = await createApp(config, { log, clock: Date.now, isService: true })
    await app.migrate()
    await app.seedSchedules()
    await offerChoices(app)
    const failed = new AbortController()
    const signal = AbortSignal.any([options.signal, failed.signal])
    let firstDigest = Promise.resolve()
    const onReady = () => {
      firstDigest = sendDigest(app, signal).then(async () => {
        if (signal.aborted) return
        const { url } = await app.adminLink(DEMO, ADMIN)
        options.onReady({ inbox: world.inboxUrl, links: config.publicUrl, admin: url })
      })
      firstDigest.catch(() => failed.abort())
    }
    await serve({ app, config, log, clock: Date.now, tellsFindings: false, onReady }, signal)
    await firstDigest
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Gives the page of a reader's settings something to choose from. */
async function offerChoices({ desk }: App): Promise<void> {
  const by: Editor = { actor: DEMO, reach: undefined }
  const offered = { timeZone: READERS_OWN, isOffered: true }
  await desk.schedules.set(by, 'weekdays', { crons: ['0 7,15 * * 1-5'], ...offered })
  await desk.schedules.set(by, 'mondays', { crons: ['0 7 * * 1'], ...offered })
  await desk.settings.set(by, EVERYBODY, { locked: [] })
}

const DEMO: Actor = { kind: 'program', name: 'demo', remoteAddress: null }

const ADMIN = 'postmaster@example.com'
const HELP_DESK = 'helpdesk@example.com'

async function sendDigest(app: App, signal: AbortSignal): Promise<void> {
  await app.run({ schedule: undefined, readers: undefined, dueAt: Date.now(), signal })
  await app.deliver({ dueAt: Date.now(), signal })
}

function demoConfig(world: World, folder: string, port: number): Config {
  const input: ConfigInput = {
    publicUrl: `http://127.0.0.1:${port}`,
    http: { port },
    storage: { url: `sqlite://${world.storageFile}` },
    smtp: { url: `smtp://127.0.0.1:${world.smtpPort}`, from: 'Mail quarantine <quarantine@example.com>' },
    release: { via: `tcp://127.0.0.1:${world.amPdpPort}` },
    links: { keyFile: join(folder, 'token.keys') },
    readers: { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    // Alice asks, and the admin decides.
    policy: { banned: 'request' },
    senders: { kind: 'amavis' },
    admins: [ADMIN, { address: HELP_DESK, domains: ['example.com'], role: 'helpDesk', release: true }],
  }
  return configSchema.parse(input)
}

/** The port that was asked for, or a free one if somebody else listens there. */
async function freePort(wanted: number): Promise<number> {
  for (const candidate of [wanted, 0]) {
    const port = await tryPort(candidate)
    if (port !== undefined) return port
  }
  return wanted
}

function tryPort(port: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const server = createServer()
  server.once('error', () => resolve(undefined))
  server.listen(port, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
  })
  return promise
}
