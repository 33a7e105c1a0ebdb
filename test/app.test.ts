import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { type ConfigInput, configSchema } from '../src/ground/config/schema.ts'
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
