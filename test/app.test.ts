import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { type ConfigInput, configSchema } from '../src/ground/config/schema.ts'

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
