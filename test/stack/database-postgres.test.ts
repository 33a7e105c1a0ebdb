import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { checkStorage } from '../../src/ground/amavis/check-storage.ts'
import { findHeldMail } from '../../src/ground/amavis/held-mail.ts'
import { heldMailBetween, heldMailOfMessage } from '../../src/ground/amavis/held-mail-between.ts'
import { findReleaseHandle, markReleased } from '../../src/ground/amavis/release-handle.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { checkState } from '../../src/ground/state/check-state.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { addItems, itemFrom } from '../../src/work/collect/items.ts'
import { asPostgres, type PostgresAddress } from '../servers/postgres.ts'
import { createPostgresStorage, type PostgresStorage } from '../servers/postgres-storage.ts'

let stack: AsyncDisposableStack
let server: PostgresAddress
let database: PostgresStorage

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  server = inject('postgres')
  database = stack.use(await createPostgresStorage(server))
})
afterEach(() => stack.disposeAsync())

describe('connecting', () => {
  test('a wrong password, a missing one and an unknown database have different messages', async () => {
    const { url, user, password } = database
    const where = `127.0.0.1:${server.port}`
    await expect(greet(url.replace(password, 'wrong'))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: `storage database: ${where} refused user ${user}: wrong user or password.`,
    })
    await expect(greet(url.replace(`:${password}`, ''))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: `storage database: ${where} asks for a password, and the URL has none.`,
    })
    await expect(greet(url.replace(/[^/]+$/, 'nowhere'))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: `storage database: there is no database nowhere on ${where}.`,
    })
  })

  test('works through a Unix socket, for a user with special characters in name and password', async () => {
    const [user, password] = ['o/d@d us:er', 'p%s/?#@:ß']
    await asAdmin(`CREATE ROLE "${user}" LOGIN PASSWORD '${password}'`)
    try {
      const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
      const place = `${database.database}?host=${encodeURIComponent(server.socketDir)}`
      expect(await greet(`postgresql://${who}@localhost:${server.port}/${place}`)).toBe(user)
    } finally {
      await asAdmin(`DROP ROLE "${user}"`)
    }
  })

  test('a connection that the server ends is reported, and replaced', async () => {
    const storage = open()
    const busy = sql`select pg_sleep(30)`.execute(storage.sql)
    const ended = expect(busy).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    const others = `usename = '${database.user}' AND pid <> pg_backend_pid()`
    await expect
      .poll(() =>
        asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE ${others} AND query LIKE '%pg_sleep%' AND state = 'active'`),
      )
      .toHaveLength(1)
    await ended
    const works = () =>
      checkStorage(storage.sql).then(
        () => true,
        () => false,
      )
    // The pool may hand out a connection that it does not know to be dead yet.
    await expect.poll(works).toBe(true)
    // Now the idle connections.
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`)
    await expect.poll(works).toBe(true)
  })

  test('a session has our settings, whatever the defaults of its user are', async () => {
    await asAdmin(`ALTER ROLE ${database.user} SET default_transaction_isolation = 'serializable'`)
    await asAdmin(`ALTER ROLE ${database.user} SET client_encoding = 'LATIN1'`)
    const storage = open()
    const query = sql`select current_setting('transaction_isolation') as isolation, 'ü用' as text`
    expect((await query.execute(storage.sql)).rows).toEqual([{ isolation: 'read committed', text: 'ü用' }])
  })

  test('a read-only server is reported as such', async () => {
    const state = await migrated()
    await asAdmin(`ALTER ROLE ${database.user} SET default_transaction_read_only = on`)
    await using later = connect<StateTables>('state', database.url)
    await expect(checkState(later)).rejects.toMatchObject({
      code: 'DATABASE_READ_ONLY',
      message: expect.stringContaining('read-only'),
    })
    await checkState(state)
  })
})

describe.each(['bytea, as in amavisd’s README', 'text, as before 2.6'])('amavis’s columns of %s', kind => {
  let storage: Database<AmavisTables>

  beforeEach(async () => {
    storage = open()
    if (kind.startsWith('text')) await toText(storage)
    await fill(storage)
  })

  test('are read and written', async () => {
    await checkStorage(storage.sql)
    const filter = { localOnly: true, excludedKinds: ['virus'] as const }
    const rows = await heldMailBetween(storage.sql, filter, 1000, 2000)
    const stored = { partitionTag: 0, mailId: 'j_hWRAnY0bvs', rseqnum: 1, recipient: '用户@example.com' }
    expect(rows).toEqual([expect.objectContaining({ ...stored, timeNum: 1500, content: 'S' })])
    const key = { ...stored, timeNum: 1500, mailAt: 1_500_000 }
    const found = await findHeldMail(storage.sql, [key])
    expect([...found.values()]).toEqual([
      expect.objectContaining({ score: 999.999, size: 4096, subject: 'ß', state: 'held', sender: '' }),
    ])
    expect(await findReleaseHandle(storage.sql, key)).toMatchObject({
      secretId: 'FgdPJOij_5MG',
      quarantineType: 'Q',
    })
    await markReleased(storage.sql, key)
    expect(await heldMailBetween(storage.sql, filter, 1000, 2000)).toEqual([])
  })

  test.each(['a\\b', '\\x6a', '\\', 'a\0b', "'", '\\\\'])(
    'looking for the unknown mail id %j finds nothing and does not fail',
    async id => {
      expect(await heldMailOfMessage(storage.sql, id)).toEqual([])
    },
  )
})

describe('rights', () => {
  test('an admin who runs the GRANT of each message ends up with enough rights', async () => {
    await migrated()
    const stranger = `${database.user}_x`
    await asAdmin(`CREATE ROLE ${stranger} LOGIN PASSWORD 'x'`)
    try {
      const url = database.url.replace(/\/\/.*@/, `//${stranger}:x@`)
      const grants = await followAdvice(url, async () => {
        await using storage = connect<AmavisTables>('storage', url)
        await using state = connect<StateTables>('state', url)
        await checkStorage(storage.sql)
        await checkState(state)
      })
      expect(grants[0]).toBe(
        `GRANT SELECT ON maddr, msgs, msgrcpt, quarantine TO ${stranger}; GRANT UPDATE (rs) ON msgrcpt TO ${stranger};`,
      )
      expect(grants).toHaveLength(2)
      expect(grants[1]).toMatch(
        /^GRANT SELECT, INSERT, UPDATE, DELETE ON digest_answer, digest_api_key, digest_attempt, digest_audit, .* TO/,
      )
    } finally {
      await asAdmin(`DROP OWNED BY ${stranger}; DROP ROLE ${stranger}`)
    }
  })

  test('the same holds for migrate in a schema that belongs to another user', async () => {
    const stranger = `${database.user}_x`
    await asAdmin(`CREATE ROLE ${stranger} LOGIN PASSWORD 'x'`)
    try {
      const url = database.url.replace(/\/\/.*@/, `//${stranger}:x@`)
      const grants = await followAdvice(url, async () => {
        await using state = connect<StateTables>('state', url)
        await migrate(state)
        await checkState(state)
      })
      expect(grants).toEqual([`GRANT USAGE, CREATE ON SCHEMA public TO ${stranger};`])
    } finally {
      await asAdmin(`DROP OWNED BY ${stranger}; DROP ROLE ${stranger}`)
    }
  })

  /** Runs the GRANT of each message until the check succeeds. @returns what was granted */
  async function followAdvice(url: string, check: () => Promise<unknown>): Promise<string[]> {
    const grants: string[] = []
    for (;;) {
      const fault = await check().then(
        () => undefined,
        (error: Error & { code: string }) => error,
      )
      if (!fault) return grants
      expect(fault.code, fault.message).toBe('DATABASE_GRANT_MISSING')
      expect(fault.message).not.toContain(url)
      expect(fault.message).toContain(`in database ${database.database}: GRANT`)
      const [grant = ''] = /GRANT .*;/.exec(fault.message) ?? []
      expect(grants, fault.message).not.toContain(grant)
      await asAdmin(grant)
      grants.push(grant)
    }
  }
})

describe('schemas', () => {
  test('only the tables that an unqualified name refers to are checked', async () => {
    await asAdmin(
      `CREATE SCHEMA zoo; CREATE TABLE zoo.msgs (id integer); GRANT USAGE ON SCHEMA zoo TO public`,
    )
    await checkStorage(open().sql)
    await asAdmin(`ALTER ROLE ${database.user} SET search_path = zoo, public`)
    await expect(checkStorage(open().sql)).rejects.toMatchObject({
      code: 'STORAGE_SCHEMA_UNKNOWN',
      message: expect.stringContaining('no column msgs.partition_tag'),
    })
  })

  test('tables with our names in another schema are not ours', async () => {
    await asAdmin(`CREATE SCHEMA other AUTHORIZATION ${database.user}`)
    await asAdmin(`ALTER ROLE ${database.user} SET search_path = other`)
    expect((await migrate(openState())).length).toBeGreaterThan(0)
    await asAdmin(`ALTER ROLE ${database.user} SET search_path = public`)
    expect((await migrate(openState())).length).toBeGreaterThan(0)
  })
})

test('our columns sort by octets, whatever the collation of the database is', async () => {
  const state = await migrated()
  const { rows } = await sql<{ name: string }>`
    select c.relname || '.' || a.attname as name from pg_attribute a
    join pg_class c on c.oid = a.attrelid join pg_collation l on l.oid = a.attcollation
    where c.relname like 'digest\\_%' and c.relkind = 'r' and l.collname <> 'C'`.execute(state.sql)
  expect(rows).toEqual([])
})

describe('a database in LATIN1', () => {
  let narrow: PostgresStorage
  beforeEach(async () => {
    narrow = stack.use(await createPostgresStorage(server, { empty: true, encoding: 'LATIN1' }))
  })

  test('is refused before anything is done, with the statement that creates a better one', async () => {
    await using state = connect<StateTables>('state', narrow.url)
    const fault = await migrate(state).catch((error: Error) => error)
    expect(fault).toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringContaining('LATIN1') })
    expect(await narrow.columns()).toEqual([])
    const [statement = ''] = /CREATE DATABASE [^;]*/.exec(String(fault)) ?? []
    const better = `${narrow.database}_b`
    await asAdmin(statement.replace('amavis_digest', better), 'postgres')
    try {
      await using next = connect<StateTables>('state', narrow.url.replace(/[^/]+$/, better))
      expect((await migrate(next)).length).toBeGreaterThan(0)
    } finally {
      await asAdmin(`DROP DATABASE ${better}`, 'postgres')
    }
  })

  test('that has our tables all the same says so when it cannot store an address', async () => {
    await using state = connect<StateTables>('state', narrow.url)
    // As an earlier version did.
    await migrate({ ...state, dialect: { ...state.dialect, encodingFault: async () => undefined } })
    expect(await migrate(state)).toEqual([])
    const row = {
      partitionTag: 0,
      mailId: 'm',
      rseqnum: 1,
      timeNum: 1,
      mailAt: 1000,
      content: 'S',
      messageId: '',
    }
    const item = itemFrom({ ...row, recipient: '用@example.com' }, '用@example.com', 1)
    await expect(addItems(state, [item])).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining("WITH ENCODING 'UTF8'"),
    })
  })
})

const open = () => stack.use(connect<AmavisTables>('storage', database.url))

const openState = () => stack.use(connect<StateTables>('state', database.url))

async function migrated(): Promise<Database<StateTables>> {
  const state = openState()
  await migrate(state)
  return state
}

const asAdmin = (statements: string, where = database.database) => asPostgres(server, statements, where)

async function greet(url: string): Promise<string | undefined> {
  await using storage = connect('storage', url)
  const { rows } = await sql<{ name: string }>`select current_user as name`.execute(storage.sql)
  return rows[0]?.name
}

async function toText({ sql: storage }: Database<AmavisTables>): Promise<void> {
  const columns = { maddr: ['email'], msgs: ['mail_id', 'secret_id'], msgrcpt: ['mail_id'] }
  for (const [table, names] of Object.entries(columns)) {
    for (const name of names) {
      await sql`alter table ${sql.table(table)} alter ${sql.ref(name)} drop default`.execute(storage)
      await sql`alter table ${sql.table(table)} alter ${sql.ref(name)} type varchar(255)
        using convert_from(${sql.ref(name)}, 'UTF8')`.execute(storage)
    }
  }
}

/** Stores one message that is held for one recipient. */
async function fill({ sql: storage }: Database<AmavisTables>): Promise<void> {
  await sql`insert into maddr (id, email, domain) values (1, ${'用户@example.com'}, 'com.example'), (2, '', '')`.execute(
    storage,
  )
  await sql`insert into msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, size, content, quar_type, subject, host, spam_level)
    values (${'j_hWRAnY0bvs'}, ${'FgdPJOij_5MG'}, '1', 1500, now(), 2, 4096, 'S', 'Q', 'ß', 'mx', 999.999)`.execute(
    storage,
  )
  await sql`insert into msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level)
    values (${'j_hWRAnY0bvs'}, 1, 1, 'Y', 'S', 'D', ' ', 999.999)`.execute(storage)
}
