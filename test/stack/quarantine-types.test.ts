import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { amavisdReleaseFor } from '../servers/amavisd-release.ts'
import type { HeldRow } from '../servers/held.ts'
import { hold, startWorld, type World } from './world.ts'

const dir = mkdtempSync(join(tmpdir(), 'quarantine-types-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe.each([
  { quarantine: 'sql', type: 'Q' },
  { quarantine: 'file', type: 'F' },
  { quarantine: 'gzip', type: 'Z' },
] as const)('a message in a quarantine of type $type', ({ quarantine, type }) => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ amavisd: { quarantine, partitionTag: '48' } })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test.each([
    { via: () => `tcp://127.0.0.1:${world.amavisd.amPdpPort}`, name: 'tcp://' },
    { via: () => `unix://${world.amavisd.socketPath}`, name: 'unix://' },
    { via: () => `exec://${amavisdReleaseFor(world.amavisd.socketPath, dir)}`, name: 'exec://' },
  ])('is released by $name, once', async ({ via }) => {
    const program = await world.configure({ release: { via: via() } })
    const [held] = await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Wanted' })
    expect(held.quar_type).toBe(type)
    const release = () => program.command('release', held.mail_id, '--recipient', 'bob@example.com')
    expect(await release()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('Released.'),
    })
    expect(await release()).toMatchObject({ status: 0, stderr: expect.stringContaining('before') })
    expect(world.mta.mails.map(mail => [mail.to, mail.parsed.subject])).toEqual([
      [['bob@example.com'], 'Wanted'],
    ])
    expect(await released()).toEqual(['bob@example.com'])
  })

  async function released(): Promise<HeldRow['email'][]> {
    const rows = await world.storage.query<{ email: string }>(
      "SELECT CONVERT(email USING utf8mb4) AS email FROM msgrcpt JOIN maddr ON maddr.id = rid WHERE rs = 'R'",
    )
    return rows.map(row => row.email)
  }
})
