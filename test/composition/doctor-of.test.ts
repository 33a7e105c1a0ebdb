import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { configSchema } from '../../src/ground/config/schema.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('the guide has each check that any configuration makes, and no other', async () => {
  const made = new Set([
    'configuration',
    ...(await idsWith({
      storage: { url: 'mysql://u:p@127.0.0.1:1/a' },
      state: { url: 'mysql://u:p@127.0.0.1:1/b' },
    })),
    ...(await idsWith({
      storage: { url: `sqlite://${temporaryFolder()}/a.sqlite` },
      state: { url: `sqlite://${temporaryFolder()}/b.sqlite` },
      templates: { folder: temporaryFolder() },
    })),
    ...(await idsWith({
      storage: { url: 'mysql://u:p@127.0.0.1:1/a' },
      directory: { kind: 'ispconfig', url: 'mysql://u:p@127.0.0.1:1/c' },
      senders: { kind: 'ispconfig', url: 'mysql://u:p@127.0.0.1:1/c' },
      purge: { enabled: true },
      signIn: { imap: { url: 'imaps://127.0.0.1:1' } },
      learn: { kind: 'sa-learn', command: '/nowhere/sa-learn' },
      smtp: { ...SMTP, dkim: { domain: 'example.com', selector: 's', keyFile: '/nowhere/dkim.key' } },
    })),
  ])
  const guide = readFileSync(new URL('../../docs/guides/doctor.md', import.meta.url), 'utf8')
  const told = [...guide.matchAll(/^\| `([a-z.-]+)` \|/gm)].map(([, id]) => id)
  expect(told.toSorted()).toEqual([...made].toSorted())
  expect(new Set(told).size).toBe(told.length)
})

const SMTP = { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' }

async function idsWith(settings: Readonly<Record<string, unknown>>): Promise<string[]> {
  const config = configSchema.parse({
    publicUrl: 'https://127.0.0.1:1',
    smtp: SMTP,
    links: { keyFile: `${temporaryFolder()}/token.keys` },
    release: { via: 'tcp://127.0.0.1:1' },
    ...settings,
  })
  await using app = await createApp(config, { log: pino({ level: 'silent' }), clock: Date.now })
  const findings = await app.doctor.examine({ dnsServer: '127.0.0.1:1' })
  return findings.map(({ id }) => id)
}
