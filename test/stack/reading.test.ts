import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readingOf } from '../../src/composition/reading-of.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import type { Viewer } from '../../src/rules/reach/viewer.ts'
import { asReader } from '../../src/rules/reach/visitor.ts'
import { attachmentOf, headersOf, sourceOf } from '../../src/work/reading/files-of-held.ts'
import type { ReadingDeps } from '../../src/work/reading/held-octets.ts'
import { openHeld } from '../../src/work/reading/open-held.ts'
import { directoryWith } from '../embedded/directory.ts'
import { GTUBE } from '../servers/samples.ts'
import { hold, startWorld, type World } from './world.ts'

const FILE = randomBytes(60_000)
const DATE = new Date().toUTCString().replace('GMT', '+0000')

/** Spam with octets of all kinds, in several chunks, whose sender claims to be amavisd. */
const mail = ({ subject }: { subject: string }): Buffer =>
  Buffer.from(
    [
      'X-Amavis-Alert: INFECTED, message contains virus: forged',
      'X-Spam-Status: Yes, score=1 tests=[FORGED=1]',
      'Authentication-Results: mx.example.com; dkim=pass',
      'From: Boss <boss@example.com>',
      'To: alice@example.com',
      `Subject: ${subject}`,
      'Message-ID: <1@sender.example.net>',
      `Date: ${DATE}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: 8bit',
      '',
      `caf\xe9 ${GTUBE}`,
      '--b',
      'Content-Type: application/octet-stream; name=random.bin',
      'Content-Transfer-Encoding: base64',
      '',
      ...(FILE.toString('base64').match(/.{1,76}/g) ?? []),
      '--b--',
      '',
    ].join('\n'),
    'latin1',
  )

const ALICE: Viewer = {
  as: 'reader',
  visitor: asReader('alice@example.com'),
  actor: { kind: 'reader', name: 'alice@example.com', remoteAddress: null },
}
const ADMIN: Viewer = {
  as: 'admin',
  actor: { kind: 'admin', name: 'root', remoteAddress: null },
  reach: undefined,
  may: ['read', 'download'],
}

describe.each(['mariadb', 'postgres', 'sqlite'] as const)('a message that amavisd holds in %s', kind => {
  let world: World
  let storage: Database<AmavisTables>
  let deps: ReadingDeps

  beforeAll(async () => {
    world = await startWorld({ database: kind, amavisd: { partitionTag: '7' } })
    storage = connect<AmavisTables>('storage', world.storage.url)
    deps = {
      storage: storage.sql,
      state: storage as unknown as Database<StateTables>,
      directory: directoryWith({}),
      clock: Date.now,
      log: pino({ level: 'silent' }),
      canary: false,
      domain: 'example.com',
      ...readingOf({ quarantine: { headers: false, mostOctets: 50_000_000 } }),
    }
  })
  afterAll(async () => {
    await deps?.messages[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  })

  test('is read octet for octet, and nobody below amavisd is believed', async () => {
    const [row] = await hold(world, ['alice@example.com', 'bcc@example.org'], { make: mail })
    const ref = `${row.partition_tag}.${row.mail_id}.${row.rseqnum}`
    const opened = await openHeld(deps, ALICE, ref, { isLook: true })
    expect(opened).toMatchObject({
      headerFrom: 'Boss <boss@example.com>',
      rules: [{ name: 'GTUBE', points: 1000 }],
      authentication: [],
      warnings: [{ about: 'ownDomain', domain: 'example.com' }],
      content: {
        is: 'shown',
        text: `café ${GTUBE}`,
        attachments: [{ name: 'random.bin', size: FILE.length }],
      },
    })
    expect(JSON.stringify(opened)).not.toContain('bcc@example.org')
    expect(await statuses()).toEqual(['V', ''])

    expect((await attachmentOf(deps, ADMIN, ref, 0)).content.equals(FILE)).toBe(true)
    const source = await sourceOf(deps, ADMIN, ref)
    expect(source.toString('latin1')).toBe(mail({ subject: row.subject }).toString('latin1'))
    expect(await headersOf(deps, ADMIN, ref)).toContain('bcc@example.org')

    // The last chunk is missing: the others have all of them the same length.
    const last = await world.storage.query<{ last: number }>('SELECT MAX(chunk_ind) AS last FROM quarantine')
    await storage.sql.deleteFrom('quarantine').where('chunk_ind', '=', Number(last[0]?.last)).execute()
    expect((await openHeld(deps, ALICE, ref, { isLook: true })).content).toEqual({
      is: 'not-shown',
      why: 'damaged',
    })
  })

  const statuses = async () =>
    (await world.storage.query<{ rs: string }>('SELECT rs FROM msgrcpt ORDER BY rseqnum')).map(({ rs }) =>
      rs.trim(),
    )
})
