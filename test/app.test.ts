import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { type ConfigInput, configSchema } from '../src/ground/config/schema.ts'
import { DAY, HOUR } from '../src/ground/durations.ts'
import { openEmbeddedDatabase } from './embedded/database.ts'
import { hold } from './embedded/held-mail.ts'
import { temporaryFolder } from './temporary-folder.ts'

test.each<[string, Partial<ConfigInput>, string]>([
  ['a command that does not exist', { release: { via: 'exec:///nowhere/amavisd-release' } }, 'release.via'],
  ['a folder of templates that does not exist', { templates: { folder: '/nowhere' } }, 'templates.folder'],
])('%s is a fault of the configuration, reported before anything is done', async (_, settings, option) => {
  const config = configSchema.parse({
    publicUrl: 'https://quarantine.example.com',
    storage: { url: 'sqlite:///nowhere/amavis.sqlite' },
    smtp: { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' },
    ...settings,
  })
  const surroundings = { log: pino({ level: 'silent' }), clock: () => 0 }
  await expect(createApp(config, surroundings)).rejects.toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(option) }),
  )
})

test.each([
  ['missing', '/nowhere/logo.png'],
  ['an SVG', 'logo.svg'],
])('a logo that is %s is refused at the start, with a sentence that names the option', async (_, name) => {
  const logo = join(temporaryFolder(), name)
  if (name.endsWith('.svg')) writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
  const config = configSchema.parse({
    publicUrl: 'https://quarantine.example.com',
    storage: { url: 'sqlite:///nowhere/amavis.sqlite' },
    smtp: { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' },
    brand: { name: 'Example Ltd', logo },
  })
  await using app = await createApp(config, { log: pino({ level: 'silent' }), clock: () => 0 })
  await expect(app.prepare()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('brand.logo: '),
  })
})

test.each(['#ffcc00', 'red', '#12'])('the colour %s is a fault of the configuration', colour => {
  expect(configSchema.shape.brand.safeParse({ colour }).error?.message).toMatch(/expected a colour/)
})

test('a purge that fails is told by /readyz, until one does not', async () => {
  const { url, storage } = await openEmbeddedDatabase(temporaryFolder())
  const config = configSchema.parse({
    publicUrl: 'https://quarantine.example.com',
    storage: { url },
    smtp: { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' },
    http: { host: '127.0.0.1', port: 0 },
    links: { keyFile: join(temporaryFolder(), 'token.keys') },
    purge: { enabled: true, cron: '0 * * * *' },
  })
  let now = Date.now()
  await using app = await createApp(config, { log: pino({ level: 'silent' }), clock: () => now })
  const { signal } = new AbortController()
  await using http = await app.startHttp(signal)
  const isTold = async () => {
    const answer = await fetch(`http://127.0.0.1:${http.port}/readyz`)
    return (await answer.text()).includes('purging')
  }
  // The first time counts from now.
  expect(await app.purgeWhenDue(signal)).toBeUndefined()
  await hold(storage, { recipient: 'alice@example.com', receivedAt: now - 40 * DAY })
  const broken = "CREATE TRIGGER broken BEFORE DELETE ON msgs BEGIN SELECT RAISE(ABORT, 'full'); END"
  await sql.raw(broken).execute(storage.sql)
  now += 2 * HOUR
  await expect(app.purgeWhenDue(signal)).rejects.toThrow('full')
  expect(await isTold()).toBe(true)
  await sql.raw('DROP TRIGGER broken').execute(storage.sql)
  expect(await app.purgeWhenDue(signal)).toMatchObject({ msgs: 1, isPartial: false })
  // The answer of /readyz is kept for a second.
  await expect.poll(isTold, { timeout: 5000 }).toBe(false)
})
