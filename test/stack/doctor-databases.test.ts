import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { directoryAccount } from '../../src/ground/config/directory-account.ts'
import { type ConfigInput, configSchema } from '../../src/ground/config/schema.ts'
import { newId } from '../../src/ground/state/id.ts'
import type { Examined } from '../../src/work/doctor/run-checks.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage, type PostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
const stack = new AsyncDisposableStack()
afterAll(async () => {
  await stack.disposeAsync()
  rmSync(folder, { recursive: true })
})

/** A configuration in which nothing is wrong with what this file looks at. */
const settings = (other: Partial<ConfigInput> & Pick<ConfigInput, 'storage'>): ConfigInput => ({
  publicUrl: 'https://quarantine.example.com',
  smtp: { url: 'smtp://127.0.0.1:9', from: 'quarantine@example.com' },
  schedules: [{ name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Paris', default: true }],
  admins: ['postmaster@example.com'],
  links: { keyFile: join(folder, 'token.keys') },
  ...other,
})

const silent = pino({ level: 'silent' })

/** What doctor finds in the subjects of this file, in this process: to start one takes longer than to look. */
async function found(input: ConfigInput, clock = Date.now): Promise<readonly Examined[]> {
  await using app = await createApp(configSchema.parse(input), { log: silent, clock })
  const examined = await app.doctor.examine()
  return examined.filter(({ id }) => SUBJECTS.includes(id.split('.')[0] ?? ''))
}

const SUBJECTS = [
  ...['program', 'storage', 'state', 'quarantine', 'directory', 'ispconfig', 'keys', 'queue', 'digests'],
  ...['templates', 'admins', 'schedules', 'requests', 'senders'],
]

const wrong = (examined: readonly Examined[]) =>
  examined.filter(({ status }) => status === 'warn' || status === 'fail')

async function prepare(input: ConfigInput): Promise<void> {
  await using app = await createApp(configSchema.parse(input), { log: silent, clock: Date.now })
  await app.migrate()
  await app.seedSchedules()
  // Makes the key file.
  await app.tellOfLostKeys()
}

interface Plant {
  readonly plant: readonly string[]
  readonly undo: readonly string[]
  readonly id: string
  readonly words: RegExp
  readonly fix: RegExp
}

/** Plants faults one by one: each is found and named, with what mends it. */
function eachIsFound(
  plants: Readonly<Record<string, Plant>>,
  input: () => ConfigInput,
  run: (statement: string) => Promise<unknown>,
): void {
  test.each(Object.entries(plants))('%s', async (_name, { plant, undo, id, words, fix }) => {
    for (const statement of plant) await run(statement)
    try {
      const findings = (await found(input())).filter(({ status }) => status !== 'ok')
      const told = findings.filter(finding => finding.id === id)
      expect(told.map(({ message }) => message).join('\n'), JSON.stringify(findings)).toMatch(words)
      expect(told.map(finding => finding.fix).join('\n')).toMatch(fix)
    } finally {
      for (const statement of undo) await run(statement)
    }
  })
}

const NOW = Math.floor(Date.now() / 1000)

/** Rows as amavisd writes them; the ids and texts are literals of the database at hand. */
const message = (id: string, { age = 60, content = 'S', quarantine = 'Q' } = {}): string =>
  `INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, size, content, quar_type, host)
   VALUES ('${id}', '', '1', ${NOW - age}, '20260301T100000Z', 1, 1, '${content}', '${quarantine}', 'mx')`

const recipient = (id: string, ds = 'D'): string =>
  `INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs) VALUES ('${id}', 1, 1, 'Y', 'S', '${ds}', ' ')`

const EMPTY = ['msgs', 'msgrcpt', 'quarantine'].map(table => `DELETE FROM ${table}`)

describe('on MariaDB', () => {
  let storage: MariaDbStorage
  let own: string
  const root = (statement: string) =>
    asRoot(
      inject('mariaDb'),
      statement.replaceAll('@user', `${own}@'127.0.0.1'`).replaceAll('@own', own),
      storage.database,
    )
  const url = (database: string, password = 'secret') =>
    `mysql://${own}:${password}@127.0.0.1:${inject('mariaDb').port}/${database}`
  const input = () => settings({ storage: { url: url(storage.database) }, state: { url: url(own) } })
  const OWN_GRANT = 'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON @own.* TO @user'
  const GRANTS = [
    'GRANT SELECT ON maddr TO @user',
    'GRANT SELECT ON msgs TO @user',
    'GRANT SELECT, UPDATE (rs) ON msgrcpt TO @user',
    'GRANT SELECT ON quarantine TO @user',
  ]

  beforeAll(async () => {
    storage = stack.use(await createStorage(inject('mariaDb')))
    own = `${storage.database}_own`
    await root(`CREATE DATABASE ${own} CHARACTER SET utf8mb4`)
    await root("CREATE USER @user IDENTIFIED BY 'secret'")
    await root(OWN_GRANT)
    for (const grant of GRANTS) await root(grant)
    await prepare(input())
  })
  afterAll(() => root(`DROP DATABASE ${own}; DROP USER @user`))

  test('nothing is found where nothing is wrong', async () => {
    const examined = await found(input())
    expect(examined.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(examined.length).toBeGreaterThan(20)
  })

  test('a wrong password is told with the user and the host that the server saw', async () => {
    const [finding, ...others] = wrong(
      await found(settings({ storage: { url: url(storage.database, 'wrong') }, state: { url: url(own) } })),
    )
    expect(finding).toMatchObject({ id: 'storage.reachable', status: 'fail' })
    expect(finding?.message).toContain(`'${own}'@'127.0.0.1'`)
    expect(others).toEqual([])
  })

  test('a server that is not there is told once', async () => {
    const findings = wrong(
      await found(settings({ storage: { url: 'mysql://u:p@127.0.0.1:1/x' }, state: { url: url(own) } })),
    )
    expect(findings.map(({ id }) => id)).toEqual(['storage.reachable'])
    expect(findings[0]?.message).toContain('127.0.0.1:1')
  })

  test('a clock that differs from the servers is told for each of them', async () => {
    const findings = wrong(await found(input(), () => Date.now() + 120_000))
    expect(findings.map(({ id, status }) => `${status} ${id}`)).toEqual([
      'fail storage.clock',
      'fail state.clock',
    ])
    expect(findings[0]?.message).toMatch(/(?:119\.[5-9]|120\.0) s ahead of/)
  })

  test('an account without any right is told once, with what it needs', async () => {
    const everyGrant = expect.stringMatching(
      /^(?=.*\.maddr TO )(?=.*\.msgs TO )(?=.*UPDATE \(rs\) ON \w+\.msgrcpt TO )(?=.*\.quarantine TO '\w+'@'127\.0\.0\.1';)/,
    )
    await root('REVOKE ALL PRIVILEGES, GRANT OPTION FROM @user')
    try {
      // Such an account cannot even open the database.
      const [ofStorage, ofState, ...others] = wrong(await found(input()))
      expect(others).toEqual([])
      expect(ofStorage).toMatchObject({ id: 'storage.reachable', fix: everyGrant })
      expect(ofState).toMatchObject({
        id: 'state.reachable',
        fix: expect.stringMatching(/GRANT SELECT, INSERT, .* ON \w+\.\* TO '\w+'@'127\.0\.0\.1';$/),
      })
      // One that may read a table of no use can, and is told everything at once.
      await root('CREATE TABLE other (id int); GRANT SELECT ON other TO @user')
      await root(OWN_GRANT)
      expect(wrong(await found(input()))).toMatchObject([
        { id: 'storage.grants', status: 'fail', fix: everyGrant },
      ])
    } finally {
      await root('DROP TABLE IF EXISTS other; REVOKE ALL PRIVILEGES, GRANT OPTION FROM @user')
      for (const grant of [...GRANTS, OWN_GRANT]) await root(grant)
    }
  })

  const CONFIGURED: Readonly<Record<string, readonly [Partial<ConfigInput>, string, RegExp]>> = {
    'no admin': [{ admins: [] }, 'admins.configured', /No admin is configured/],
    'admins of some domains only': [
      { admins: [{ address: 'a@example.com', domains: ['example.com'] }] },
      'admins.configured',
      /for some domains only/,
    ],
    'nobody who is told what readers ask for': [
      { policy: { banned: 'request' }, admins: [{ address: 'a@example.com', requests: false }] },
      'requests.admins',
      /no admin gets a mail about it/,
    ],
    'a schedule that the table has otherwise': [
      { schedules: [{ name: 'daily', cron: '0 7 * * *', timezone: 'Europe/Paris', default: true }] },
      'schedules.configuration',
      /daily of the configuration is ignored/,
    ],
    'a queue that does not answer': [
      { queue: { kind: 'redis', url: 'redis://127.0.0.1:1' } },
      'queue.reachable',
      /./,
    ],
    'a directory that is not there': [
      { directory: { kind: 'ispconfig', url: 'mysql://u:p@127.0.0.1:1/dbispconfig' } },
      'directory.answers',
      /127\.0\.0\.1:1/,
    ],
    'a key file that is missing': [
      { links: { keyFile: join(folder, 'none.keys') } },
      'keys.file',
      /There is no key file/,
    ],
  }

  test.each(Object.entries(CONFIGURED))('%s', async (_name, [other, id, words]) => {
    const findings = wrong(await found({ ...input(), ...other }))
    expect(findings).toMatchObject([{ id, message: expect.stringMatching(words), fix: expect.any(String) }])
  })

  describe('with purge.enabled', () => {
    const purging = () => ({ ...input(), purge: { enabled: true } })
    const grant = (tables: readonly string[]) =>
      root(tables.map(table => `GRANT DELETE ON ${table} TO @user;`).join(''))
    const TABLES = ['msgs', 'msgrcpt', 'quarantine', 'maddr']
    const revoke = () =>
      root(
        `${TABLES.map(table => `REVOKE DELETE ON ${table} FROM @user;`).join('')} REVOKE INSERT ON maddr FROM @user`,
      )

    test('each right that a purge needs is named, and none of them is too wide', async () => {
      const missing = async () => wrong(await found(purging())).map(({ id, fix }) => ({ id, fix }))
      const everyGrant =
        /INSERT, DELETE ON \w+\.maddr .*DELETE ON \w+\.msgs .*SELECT, DELETE ON \w+\.quarantine/
      const finding = { id: 'storage.grants', fix: expect.stringMatching(everyGrant) }
      expect(await missing()).toMatchObject([finding])
      await grant(['msgs', 'msgrcpt', 'quarantine'])
      expect(await missing()).toMatchObject([finding])
      await grant(['maddr'])
      expect(await missing()).toMatchObject([finding])
      await root('GRANT INSERT ON maddr TO @user')
      expect(await missing()).toEqual([])
      await revoke()
    })

    test('a purge that does not come to its end is told, and not mail that a purge has left for a reader', async () => {
      await root(message('a', { age: 40 * 86_400 }))
      await grant(TABLES)
      await root('GRANT INSERT ON maddr TO @user')
      const growth = async () =>
        (await found(purging())).filter(({ id }) => id === 'quarantine.growth').map(({ status }) => status)
      const purgedAt = (at: number) =>
        asRoot(
          inject('mariaDb'),
          `REPLACE INTO digest_watermark (name, value) VALUES ('purged-at', ${at})`,
          own,
        )
      try {
        expect(await growth()).toEqual(['ok'])
        await purgedAt(Date.now() - 3 * 86_400_000)
        expect(await growth()).toEqual(['warn'])
        await purgedAt(Date.now())
        expect(await growth()).toEqual(['ok'])
      } finally {
        await revoke()
        for (const statement of EMPTY) await root(statement)
        await asRoot(inject('mariaDb'), "DELETE FROM digest_watermark WHERE name = 'purged-at'", own)
      }
    })
  })

  test('partition tags on purpose are told only when one has come again too early', async () => {
    const partitions = async () =>
      (await found({ ...input(), doctor: { partitioned: true } })).find(
        ({ id }) => id === 'storage.partitions',
      )
    const day = 86_400
    const tagged = async (id: string, tag: number, age: number) => {
      await root(message(id, { age, content: 'C' }))
      await root(`UPDATE msgs SET partition_tag = ${tag} WHERE mail_id = '${id}'`)
    }
    try {
      await tagged('now', 7, 60)
      await tagged('mixed', 6, 0.5 * day)
      await tagged('week', 7, 3 * day)
      await tagged('before', 6, 8 * day)
      expect(await partitions()).toMatchObject({ status: 'ok' })
      await tagged('round', 7, 20 * day)
      expect(await partitions()).toMatchObject({
        status: 'warn',
        message: expect.stringContaining('partition_tag 7 has come again'),
        fix: expect.stringContaining('purge.olderThan'),
      })
    } finally {
      for (const statement of EMPTY) await root(statement)
    }
  })

  test('a missing key file is not made', async () => {
    const keyFile = join(folder, 'not-made.keys')
    await found({ ...input(), links: { keyFile } })
    expect(existsSync(keyFile)).toBe(false)
  })

  test('a schedule in UTC is named where the machine has another time zone', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(wrong(await found(input()))).toEqual([])
    await asRoot(inject('mariaDb'), "UPDATE digest_schedule SET time_zone = 'UTC'", own)
    const findings = wrong(await found(input())).filter(({ id }) => id === 'schedules.timezone')
    await asRoot(inject('mariaDb'), "UPDATE digest_schedule SET time_zone = 'Europe/Paris'", own)
    expect(findings).toMatchObject([
      { status: 'warn', fix: 'amavis-digest schedules set daily --timezone Europe/Berlin' },
    ])
  })

  test('a digest whose links no key signed is named for as long as the links are out', async () => {
    const sentAt = Date.now() - 3 * 86_400_000
    await asRoot(
      inject('mariaDb'),
      `INSERT INTO digest_digest SET digest_id = '${newId(sentAt)}', run_id = 'r', batch_id = 'b', reader = 'a@example.com',
         deliver_to = 'a@example.com', language = 'en', time_zone = 'UTC', item_count = 1, state = 'sent',
         created_at = ${sentAt}, attempts = 1, next_attempt_at = ${sentAt}, finished_at = ${sentAt}`,
      own,
    )
    const findings = wrong(await found(input()))
    await asRoot(inject('mariaDb'), 'DELETE FROM digest_digest', own)
    expect(findings).toMatchObject([{ id: 'keys.lost', status: 'fail', code: 'KEY_FILE_LOST' }])
  })

  eachIsFound(
    {
      'maddr may not be read': {
        plant: ['REVOKE SELECT ON maddr FROM @user'],
        undo: GRANTS,
        id: 'storage.grants',
        words: /may not SELECT on table maddr/,
        fix: /GRANT SELECT ON \w+\.maddr TO '\w+'@'127.0.0.1';/,
      },
      'msgs may not be read': {
        plant: ['REVOKE SELECT ON msgs FROM @user'],
        undo: GRANTS,
        id: 'storage.grants',
        words: /may not SELECT on table msgs/,
        fix: /GRANT SELECT ON \w+\.msgs TO/,
      },
      'msgrcpt.rs may not be written': {
        plant: ['REVOKE UPDATE (rs) ON msgrcpt FROM @user'],
        undo: GRANTS,
        id: 'storage.grants',
        words: /may not UPDATE on table msgrcpt/,
        fix: /GRANT UPDATE \(rs\) ON \w+\.msgrcpt TO/,
      },
      'a user who may do everything in the database': {
        plant: ['GRANT ALL ON *.* TO @user WITH GRANT OPTION'],
        undo: ['REVOKE ALL PRIVILEGES, GRANT OPTION FROM @user', ...GRANTS, OWN_GRANT],
        id: 'storage.rights',
        words: /ALL PRIVILEGES, GRANT OPTION on \*\.\*/,
        fix: /REVOKE ALL PRIVILEGES, GRANT OPTION ON \*\.\* FROM/,
      },
      'another column than rs may be written': {
        plant: ['GRANT UPDATE (ds) ON msgrcpt TO @user'],
        undo: ['REVOKE UPDATE (ds) ON msgrcpt FROM @user'],
        id: 'storage.rights',
        words: /UPDATE \(ds\) on \w+\.msgrcpt\.$/,
        fix: /REVOKE UPDATE \(ds\) ON \w+\.msgrcpt FROM/,
      },
      'a column of amavisd 2.7 is missing': {
        plant: ['ALTER TABLE msgrcpt DROP is_local'],
        undo: ["ALTER TABLE msgrcpt ADD is_local char(1) DEFAULT ' ' NOT NULL AFTER rid"],
        id: 'storage.schema',
        words: /no column msgrcpt.is_local/,
        fix: /ALTER TABLE msgrcpt ADD is_local/,
      },
      'a stock index is missing': {
        plant: ['DROP INDEX msgs_idx_time_num ON msgs'],
        undo: ['CREATE INDEX msgs_idx_time_num ON msgs (time_num)'],
        id: 'storage.indexes',
        words: /msgs has no index that begins with time_num/,
        fix: /CREATE INDEX msgs_idx_time_num ON msgs \(time_num\);/,
      },
      'a primary key is missing': {
        plant: ['ALTER TABLE quarantine DROP PRIMARY KEY'],
        undo: ['ALTER TABLE quarantine ADD PRIMARY KEY (partition_tag, mail_id, chunk_ind)'],
        id: 'storage.indexes',
        words: /quarantine has no index that begins with partition_tag, mail_id/,
        fix: /ALTER TABLE quarantine ADD PRIMARY KEY \(partition_tag, mail_id, chunk_ind\);/,
      },
      'addresses in latin1': {
        plant: ['ALTER TABLE maddr MODIFY email varchar(255) CHARACTER SET latin1 NOT NULL'],
        undo: ['ALTER TABLE maddr MODIFY email varbinary(255) NOT NULL'],
        id: 'storage.charset',
        words: /maddr.email is stored as latin1/,
        fix: /MODIFY email varbinary\(255\) NOT NULL;/,
      },
      'the texts may not be read': {
        plant: ['REVOKE SELECT ON quarantine FROM @user', message('a')],
        undo: [...GRANTS, ...EMPTY],
        id: 'storage.texts',
        words: /may not SELECT on table quarantine\. So nobody can look into/,
        fix: /: GRANT SELECT ON \w+\.quarantine TO '[^']+'@'[^']+';/,
      },
      'a table of MyISAM': {
        plant: ['ALTER TABLE quarantine ENGINE=MyISAM'],
        undo: ['ALTER TABLE quarantine ENGINE=InnoDB'],
        id: 'storage.transactions',
        words: /quarantine is stored by MyISAM/,
        fix: /ALTER TABLE quarantine ENGINE=InnoDB;/,
      },
      'a column of subjects in latin1': {
        plant: ['ALTER TABLE msgs MODIFY subject varchar(255) CHARACTER SET latin1'],
        undo: [
          "ALTER TABLE msgs MODIFY subject varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT ''",
        ],
        id: 'storage.charset',
        words: /msgs.subject is stored as latin1/,
        fix: /MODIFY subject .* utf8mb4/,
      },
      'partition tags': {
        plant: [
          message('a', { content: 'C' }),
          message('b', { content: 'C' }),
          "UPDATE msgs SET partition_tag = 7 WHERE mail_id = 'b'",
        ],
        undo: EMPTY,
        id: 'storage.partitions',
        words: /from 0 to 7/,
        fix: /\$sql_partition_tag/,
      },
      'mail that was discarded without a copy': {
        plant: [message('a', { quarantine: ' ' }), recipient('a')],
        undo: EMPTY,
        id: 'quarantine.discarded',
        words: /1 as spam/,
        fix: /\$spam_quarantine_to/,
      },
      'nothing held although mail flows': {
        plant: [
          ...['a', 'b', 'c', 'd'].map(id => message(id, { content: 'C', quarantine: ' ' })),
          // Of mail that was passed, a copy may be there, too.
          message('copy'),
          recipient('copy', 'P'),
        ],
        undo: EMPTY,
        id: 'quarantine.holds',
        words: /Nothing was held for a day, although mail flows \(5 messages/,
        fix: /GTUBE/,
      },
      'nothing purges': {
        plant: [message('a', { age: 40 * 86_400 })],
        undo: EMPTY,
        id: 'quarantine.growth',
        words: /40 days old, and purge.olderThan is 30 days/,
        fix: /purge.enabled: true/,
      },
      'orphans among the recipients': {
        plant: [recipient('lost')],
        undo: EMPTY,
        id: 'quarantine.orphans',
        words: /1 of the first .* rows of msgrcpt/,
        fix: /amavis-digest purge/,
      },
      'orphans in the quarantine': {
        plant: ["INSERT INTO quarantine (mail_id, chunk_ind, mail_text) VALUES ('lost', 1, 'x')"],
        undo: EMPTY,
        id: 'quarantine.orphans',
        words: /rows of quarantine have no row in msgs/,
        fix: /amavis-digest purge/,
      },
      'a chunk that is missing': {
        plant: [
          message('gap'),
          message('whole'),
          `INSERT INTO quarantine (mail_id, chunk_ind, mail_text)
           VALUES ('gap', 1, 'x'), ('gap', 3, 'x'), ('whole', 1, 'x'), ('whole', 2, 'x')`,
        ],
        undo: EMPTY,
        id: 'quarantine.chunks',
        words: /^1 of the latest .*: gap\.$/,
        fix: /max_allowed_packet/,
      },
    },
    input,
    root,
  )

  describe('our own tables', () => {
    const inOwn = (statement: string) =>
      asRoot(inject('mariaDb'), statement.replaceAll('@user', `${own}@'127.0.0.1'`), own)
    eachIsFound(
      {
        'a migration is missing': {
          plant: ["DELETE FROM digest_migration WHERE name = '0007-directories'"],
          undo: ["INSERT INTO digest_migration VALUES ('0007-directories', '2026-01-01')"],
          id: 'state.tables',
          words: /lacks 0007-directories/,
          fix: /amavis-digest migrate/,
        },
        'a table of ours in MyISAM': {
          plant: ['ALTER TABLE digest_watermark ENGINE=MyISAM'],
          undo: ['ALTER TABLE digest_watermark ENGINE=InnoDB'],
          id: 'state.transactions',
          words: /digest_watermark is stored by MyISAM/,
          fix: /ALTER TABLE digest_watermark ENGINE=InnoDB;/,
        },
        'a table of ours in latin1': {
          plant: ['ALTER TABLE digest_watermark CONVERT TO CHARACTER SET latin1'],
          undo: ['ALTER TABLE digest_watermark CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'],
          id: 'state.charset',
          words: /digest_watermark: stored as latin1/,
          fix: /CONVERT TO CHARACTER SET utf8mb4/,
        },
        'the default schedule is off': {
          plant: ['UPDATE digest_schedule SET enabled = 0'],
          undo: ['UPDATE digest_schedule SET enabled = 1'],
          id: 'schedules.default',
          words: /default schedule daily is off/,
          fix: /schedules set daily --on/,
        },
        'no default schedule': {
          plant: ['UPDATE digest_schedule SET is_default = 0'],
          undo: ['UPDATE digest_schedule SET is_default = 1'],
          id: 'schedules.default',
          words: /No schedule is the default/,
          fix: /schedules set daily .*--default/,
        },
        'a default schedule that is never due': {
          plant: [`UPDATE digest_schedule SET crons = '["0 0 30 2 *"]'`],
          undo: [`UPDATE digest_schedule SET crons = '["0 6 * * *"]'`],
          id: 'schedules.default',
          words: /never due/,
          fix: /schedules set daily --cron/,
        },
      },
      input,
      inOwn,
    )
  })
})

describe('on ISPConfig', () => {
  let panel: MariaDbStorage
  let storage: MariaDbStorage
  let account: string
  let url: string
  const root = (statement: string) => asRoot(inject('mariaDb'), statement, panel.database)
  const input = () => settings({ storage: { url: storage.url }, directory: { kind: 'ispconfig', url } })
  const ofPanel = async (other: ConfigInput = input()) =>
    (await found(other)).filter(({ id }) => /^(?:directory|ispconfig)/.test(id))

  beforeAll(async () => {
    storage = stack.use(await createStorage(inject('mariaDb')))
    panel = stack.use(await createIspconfig(inject('mariaDb')))
    account = `${panel.database}_dir`
    const proposed = directoryAccount({
      host: '127.0.0.1',
      port: inject('mariaDb').port,
      database: panel.database,
      file: '',
      serverId: '1',
      master: undefined,
    })
    // The server is shared, and the name of that account is always the same.
    await root(proposed.sql.replaceAll('digest_directory', account))
    url = proposed.url.replace('digest_directory', account)
    const config = '[web]\ncontent_filter=x\n[mail]\ncontent_filter=amavisd\n'
    await addRows(panel, 'server', [{ server_id: 1, server_name: 'mx.example.com', config }])
    await addRows(panel, 'mail_domain', [{ domain: 'example.com' }])
    await addRows(panel, 'mail_user', [{ email: 'alice@example.com' }, { email: 'bob@example.com' }])
    await addRows(panel, 'spamfilter_policy', [
      { id: 1, policy_name: 'Unused', spam_quarantine_to: '', spam_lover: 'Y' },
      { id: 6, policy_name: 'Trigger happy', spam_kill_level: 5 },
    ])
    await addRows(panel, 'spamfilter_users', [
      { id: 1, email: '@example.com', policy_id: 6 },
      { id: 2, email: 'bob@example.com', policy_id: 0 },
    ])
    await prepare(input())
  })
  afterAll(() =>
    root(['localhost', '127.0.0.1', '::1'].map(host => `DROP USER IF EXISTS ${account}@'${host}';`).join('')),
  )

  test('nothing is found where nothing is wrong, and what may not be read is named with its GRANT', async () => {
    const notFine = (await ofPanel()).filter(({ status }) => status !== 'ok')
    expect(notFine.map(({ id, status }) => `${status} ${id}`)).toEqual(['skip ispconfig.filter'])
    expect(notFine[0]?.message).toMatch(/config also holds passwords/)
    expect(notFine[0]?.fix).toMatch(
      /: GRANT SELECT \(server_id, server_name, mail_server, config\) ON \w+\.server TO '[^']+'@'[^']+';$/,
    )
  })

  test('an account that may not read policies loses these checks alone, and is told all GRANTs', async () => {
    await root(
      ['spamfilter_policy', 'spamfilter_users', 'spamfilter_wblist']
        .map(table => `REVOKE SELECT ON ${table} FROM ${account}@'127.0.0.1';`)
        .join(''),
    )
    try {
      const skipped = (await ofPanel()).filter(({ status }) => status === 'skip')
      expect(skipped.map(({ id }) => id)).toContain('ispconfig.discards')
      expect(skipped[0]?.fix).toMatch(
        /GRANT SELECT \(id, policy_name, .*\.spamfilter_policy TO .*GRANT .*\.spamfilter_users TO .*\.spamfilter_wblist TO/,
      )
      expect((await ofPanel()).find(({ id }) => id === 'directory.answers')).toMatchObject({ status: 'ok' })
    } finally {
      await root(grants())
    }
  })

  const grants = () =>
    directoryAccount({
      host: '127.0.0.1',
      port: 1,
      database: panel.database,
      file: '',
      serverId: '1',
      master: undefined,
    })
      .sql.replaceAll('digest_directory', account)
      .split(';')
      .filter(statement => /GRANT/.test(statement))
      .join(';')

  const policy = (change: string, back: string) => ({
    plant: [`UPDATE spamfilter_policy SET ${change} WHERE id = 6`],
    undo: [`UPDATE spamfilter_policy SET ${back} WHERE id = 6`],
  })

  eachIsFound(
    {
      'a policy that discards without a copy': {
        ...policy(
          "spam_quarantine_to = '', virus_quarantine_to = ''",
          'spam_quarantine_to = NULL, virus_quarantine_to = NULL',
        ),
        id: 'ispconfig.discards',
        words: /"Trigger happy" \(id 6\) \(2 mailboxes\).* virus_quarantine_to, spam_quarantine_to are empty/,
        fix: /spam_quarantine_to = NULL WHERE id = 6;/,
      },
      'a cut-off of 0': {
        ...policy('spam_quarantine_cutoff_level = 0', 'spam_quarantine_cutoff_level = NULL'),
        id: 'ispconfig.cutoff',
        words: /"Trigger happy".*cutoff_level is 0, and it blocks from 5/,
        fix: /spam_quarantine_cutoff_level = NULL WHERE id = 6;/,
      },
      'a cut-off below the kill level': {
        ...policy('spam_quarantine_cutoff_level = 4.5', 'spam_quarantine_cutoff_level = NULL'),
        id: 'ispconfig.cutoff',
        words: /cutoff_level is 4.5, and it blocks from 5/,
        fix: /./,
      },
      'a policy that passes what it quarantines': {
        ...policy("banned_files_lover = 'Y'", "banned_files_lover = 'N'"),
        id: 'ispconfig.lovers',
        words: /\(2 mailboxes\) passes mail on .*banned_files_lover/,
        fix: /panel/,
      },
      'a value outside its enum': {
        plant: ["SET SESSION sql_mode = ''; UPDATE spamfilter_policy SET spam_lover = 'maybe' WHERE id = 6"],
        undo: ["UPDATE spamfilter_policy SET spam_lover = 'N' WHERE id = 6"],
        id: 'ispconfig.values',
        words: /"Trigger happy" .* spam_lover/,
        fix: /panel/,
      },
      'a policy id without a row': {
        plant: ['UPDATE spamfilter_users SET policy_id = 99 WHERE id = 1'],
        undo: ['UPDATE spamfilter_users SET policy_id = 6 WHERE id = 1'],
        id: 'ispconfig.missing-policy',
        words: /no policy 99, which @example.com has/,
        fix: /panel/,
      },
      'lists of a mailbox that inherits': {
        plant: ["INSERT INTO spamfilter_wblist (rid, wb, email) VALUES (2, 'W', 'a@b.example')"],
        undo: ['DELETE FROM spamfilter_wblist'],
        id: 'ispconfig.lists',
        words: /lists of bob@example.com/,
        fix: /policy/,
      },
      'an account that may write': {
        plant: [`GRANT UPDATE ON mail_user TO __account`],
        undo: [`REVOKE UPDATE ON mail_user FROM __account`],
        id: 'directory.rights',
        words: /UPDATE on \w+\.mail_user/,
        fix: /REVOKE UPDATE ON/,
      },
      'a content filter that is not amavisd': {
        plant: [
          `GRANT SELECT (server_id, server_name, mail_server, config) ON server TO __account`,
          "UPDATE server SET config = REPLACE(config, 'amavisd', 'rspamd')",
        ],
        undo: [`REVOKE ALL PRIVILEGES ON server FROM __account`],
        id: 'ispconfig.filter',
        words: /content filter of mx.example.com is rspamd/,
        fix: /Content Filter: Amavisd/,
      },
    },
    input,
    statement => root(statement.replaceAll('__account', `${account}@'127.0.0.1'`)),
  )

  const withSenders = (): ConfigInput => ({ ...input(), senders: { kind: 'ispconfig', url: panel.url } })

  test('of the lists of senders, nothing is found where each mailbox has a policy', async () => {
    await root('UPDATE spamfilter_users SET policy_id = 6')
    try {
      const ofSenders = (await found(withSenders())).filter(({ id }) => id.startsWith('senders.'))
      expect(ofSenders.map(({ id, status }) => `${status} ${id}`)).toEqual([
        'ok senders.reachable',
        'ok senders.writable',
        'ok senders.inherit',
        'ok senders.single-server',
        'ok senders.blocked-kept',
      ])
    } finally {
      await root("UPDATE spamfilter_users SET policy_id = 0 WHERE email = 'bob@example.com'")
    }
  })

  eachIsFound(
    {
      'a mailbox that inherits, for the lists of senders': {
        plant: [],
        undo: [],
        id: 'senders.inherit',
        words: /ignores what is allowed and blocked for bob@example\.com/,
        fix: /Choose a policy/,
      },
      'two mail servers': {
        plant: ["INSERT INTO server (server_id, server_name, mail_server) VALUES (2, 'mx2.example.com', 1)"],
        undo: ['DELETE FROM server WHERE server_id = 2'],
        id: 'senders.single-server',
        words: /2 mail servers, so no entry is written/,
        fix: /ispconfig-api/,
      },
      'another server that takes no mail': {
        plant: ["INSERT INTO server (server_id, server_name, mail_server) VALUES (2, 'www.example.com', 0)"],
        undo: ['DELETE FROM server WHERE server_id = 2'],
        id: 'senders.single-server',
        words: /2 servers, .* its master/,
        fix: /ispconfig-api/,
      },
      'a policy that keeps no mail from blocked senders': {
        ...policy('spam_quarantine_cutoff_level = 20', 'spam_quarantine_cutoff_level = NULL'),
        id: 'senders.blocked-kept',
        words: /"Trigger happy".* no mail from blocked senders/,
        fix: /spam_quarantine_cutoff_level = NULL WHERE id = 6;/,
      },
      'no table of lists': {
        plant: ['RENAME TABLE spamfilter_users TO away'],
        undo: ['RENAME TABLE away TO spamfilter_users'],
        id: 'senders.reachable',
        words: /spamfilter_users' doesn't exist/,
        fix: /senders\.url/,
      },
    },
    withSenders,
    root,
  )

  test('a panel that cannot be reached is told, and what else needs it is skipped', async () => {
    const senders = {
      kind: 'ispconfig-api',
      url: 'http://127.0.0.1:1',
      user: 'digest',
      password: 'x',
    } as const
    const ofSenders = (await found({ ...input(), senders })).filter(({ id }) => id.startsWith('senders.'))
    expect(ofSenders.map(({ id, status }) => `${status} ${id}`)).toEqual([
      'fail senders.reachable',
      'skip senders.writable',
      'skip senders.inherit',
      'ok senders.blocked-kept',
    ])
    expect(ofSenders[0]?.message).toMatch(/panel at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/)
  })
})

describe('on PostgreSQL', () => {
  let storage: PostgresStorage
  let user: string
  const root = (statement: string) =>
    asPostgres(inject('postgres'), statement.replaceAll('@user', user), storage.database)
  const url = (database: string) =>
    `postgres://${user}:secret@127.0.0.1:${inject('postgres').port}/${database}`
  const input = () => settings({ storage: { url: url(storage.database) }, state: { url: url(user) } })
  const GRANTS = [
    'GRANT SELECT ON maddr, msgs, msgrcpt, quarantine TO @user',
    'GRANT UPDATE (rs) ON msgrcpt TO @user',
  ]

  beforeAll(async () => {
    storage = stack.use(await createPostgresStorage(inject('postgres')))
    user = `${storage.database}_own`
    await root("CREATE ROLE @user LOGIN PASSWORD 'secret'")
    await root('CREATE DATABASE @user OWNER @user')
    for (const grant of GRANTS) await root(grant)
    await prepare(input())
  })
  afterAll(async () => {
    await root('DROP DATABASE @user WITH (FORCE)')
    await root('DROP OWNED BY @user')
    await root('DROP ROLE @user')
  })

  test('nothing is found where nothing is wrong', async () => {
    const examined = await found(input())
    expect(examined.filter(({ status }) => status !== 'ok')).toEqual([])
  })

  eachIsFound(
    {
      'msgrcpt.rs may not be written': {
        plant: ['REVOKE UPDATE (rs) ON msgrcpt FROM @user'],
        undo: GRANTS,
        id: 'storage.grants',
        words: /permission denied for table msgrcpt/,
        fix: /GRANT UPDATE \(rs\) ON msgrcpt TO/,
      },
      'a user who may delete': {
        plant: ['GRANT DELETE ON msgs TO @user'],
        undo: ['REVOKE DELETE ON msgs FROM @user'],
        id: 'storage.rights',
        words: /DELETE on msgs/,
        fix: /REVOKE DELETE ON msgs FROM/,
      },
      'a superuser': {
        plant: ['ALTER ROLE @user CREATEROLE'],
        undo: ['ALTER ROLE @user NOCREATEROLE'],
        id: 'storage.rights',
        words: /CREATEROLE on the whole server/,
        fix: /ALTER ROLE \w+ NOCREATEROLE;/,
      },
      'a stock index is missing': {
        plant: ['DROP INDEX msgrcpt_idx_mail_id'],
        undo: ['CREATE INDEX msgrcpt_idx_mail_id ON msgrcpt (mail_id)'],
        id: 'storage.indexes',
        words: /msgrcpt has no index that begins with mail_id/,
        fix: /CREATE INDEX msgrcpt_idx_mail_id/,
      },
      'mail discarded, a missing chunk, an orphan and old mail': {
        plant: [
          message('a', { quarantine: ' ' }),
          recipient('a'),
          recipient('lost'),
          message('gap', { age: 40 * 86_400 }),
          "INSERT INTO quarantine (mail_id, chunk_ind, mail_text) VALUES ('gap', 2, 'x')",
        ],
        undo: EMPTY,
        id: 'quarantine.chunks',
        words: /: gap\.$/,
        fix: /./,
      },
    },
    input,
    root,
  )
})
