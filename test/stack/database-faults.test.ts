import { beforeEach, describe, expect, inject, test } from 'vitest'
import { MIGRATIONS } from '../../src/ground/state/migrate.ts'
import { migrate } from '../servers/in-process.ts'
import { asRoot } from '../servers/mariadb.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'
import { createProgram, type Program } from './program.ts'

let stack: AsyncDisposableStack
let storage: MariaDbStorage

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  storage = stack.use(await createStorage(inject('mariaDb')))
  return () => stack.disposeAsync()
})

test('a wrong password is reported without showing it', async () => {
  const program = await programAt(storage.url.replace(storage.password, 'hidden-word'))
  for (const command of ['run', 'serve', 'migrate']) {
    const result = await program.command(command)
    expect(result.status).toBe(1)
    expect(result.stderr).toContain(`refused user ${storage.user}: wrong user or password.`)
    expect(result.stderr).not.toContain('hidden-word')
  }
})

test('an unknown database is named', async () => {
  const program = await programAt(storage.url.replace(/\/[^/]+$/, '/no_such_database'))
  const result = await program.command('run')
  expect(result.status).toBe(1)
  // MariaDB says that a database does not exist only to users who may see all databases.
  expect(result.stderr).toMatch(/no_such_database/)
})

test('missing amavis tables are named', async () => {
  const empty = stack.use(await createStorage(inject('mariaDb'), { empty: true }))
  const result = await (await programAt(empty.url)).command('run')
  expect(result.status).toBe(1)
  expect(result.stderr).toContain('storage database: no table msgs, msgrcpt, maddr.')
})

test('run and serve refuse to work before migrate, and ask for it', async () => {
  const program = await programAt(storage.url)
  for (const command of ['run', 'serve', 'preview --recipient alice@example.com']) {
    const result = await program.command(...command.split(' '))
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('Run: amavis-digest migrate')
  }
  const migrated = await program.command('migrate', '--json')
  expect(JSON.parse(migrated.stdout)).toEqual({
    applied: MIGRATIONS.map(({ name }) => name),
  })
  expect(await program.command('migrate')).toMatchObject({
    status: 0,
    stderr: 'The tables are up to date.\n',
  })
  expect((await program.command('run')).status).toBe(0)
})

test('tables of a newer version are left alone', async () => {
  const program = await programAt(storage.url)
  await migrate(program.configFile)
  const from = "'9999-from-the-future', '2030-01-01T00:00:00.000Z'"
  await storage.query(`INSERT INTO digest_migration (name, timestamp) VALUES (${from})`)
  // As written by a migration that older versions cannot work with.
  await storage.query("UPDATE digest_watermark SET value = 9999 WHERE name = 'oldest-compatible-schema'")
  for (const command of ['run', 'serve', 'migrate']) {
    const result = await program.command(command)
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('9999-from-the-future')
    expect(result.stderr).toContain('newer amavis-digest')
  }
})

test('our tables may be in another database, and then the user of amavis’s needs few rights', async () => {
  const state = stack.use(await createStorage(inject('mariaDb'), { empty: true }))
  const reader = await userWith('SELECT')
  await asRoot(storage.server, `GRANT UPDATE (rs) ON ${storage.database}.msgrcpt TO ${reader.name}`)
  const program = stack.use(await createProgram({ storage: { url: reader.url }, state: { url: state.url } }))
  await migrate(program.configFile)
  expect(await program.command('run', '--json')).toMatchObject({ status: 0, stderr: '' })
  const tables = await storage.query("SHOW TABLES LIKE 'digest\\_%'")
  expect(tables).toEqual([])
})

describe('a user with too few rights', () => {
  test('gets enough of them from an admin who runs the GRANT of each message', async () => {
    const owner = await programAt(storage.url)
    await migrate(owner.configFile)
    const user = await userWith('SELECT')
    const program = await programAt(user.url)
    const grants = await followAdvice(program, 'run')
    expect(grants).toContain(`GRANT UPDATE (rs) ON ${storage.database}.msgrcpt TO ${user.name};`)
    expect(grants.length).toBeGreaterThan(1)
    expect(await program.command('run', '--json')).toMatchObject({ status: 0, stderr: '' })
  })

  test('that may not read a table gets all rights to amavis’s tables at once', async () => {
    const owner = await programAt(storage.url)
    await migrate(owner.configFile)
    const state = stack.use(await createStorage(inject('mariaDb'), { empty: true }))
    const user = await userWith('USAGE')
    await asRoot(storage.server, `GRANT SELECT ON ${storage.database}.msgs TO ${user.name}`)
    const program = stack.use(await createProgram({ storage: { url: user.url }, state: { url: state.url } }))
    await migrate(program.configFile)
    const { status, stderr } = await program.command('run')
    expect(status).toBe(1)
    const grants = stderr.match(/GRANT [^;]*;/g) ?? []
    const on = (table: string) => `ON ${storage.database}.${table} TO ${user.name};`
    expect(grants.toSorted()).toEqual([
      `GRANT SELECT ${on('maddr')}`,
      `GRANT SELECT ${on('msgs')}`,
      `GRANT SELECT ${on('quarantine')}`,
      `GRANT SELECT, UPDATE (rs) ${on('msgrcpt')}`,
    ])
    await asRoot(storage.server, grants.join('\n'))
    expect(await program.command('run', '--json')).toMatchObject({ status: 0, stderr: '' })
  })

  test('gets enough of them for migrate too', async () => {
    const user = await userWith('SELECT')
    const program = await programAt(user.url)
    const grants = await followAdvice(program, 'migrate')
    expect(grants.join()).toMatch(/GRANT [A-Z, ]*CREATE/)
  })

  /** Runs the GRANT of each message until the command succeeds. @returns what was granted */
  async function followAdvice(program: Program, command: string): Promise<string[]> {
    const grants: string[] = []
    for (;;) {
      const { status, stderr } = await program.command(command)
      if (status === 0) return grants
      const [grant] = /GRANT [^;]*;/.exec(stderr) ?? []
      expect(grant, stderr).toBeDefined()
      expect(grants, stderr).not.toContain(grant)
      if (grant) await asRoot(storage.server, grant)
      grants.push(grant ?? '')
    }
  }
})

describe('amavis’s tables of versions before 2.7', () => {
  let program: Program

  beforeEach(async () => {
    program = await programAt(storage.url)
    await migrate(program.configFile)
  })

  test('lack columns, and the message names them with the statements that add them', async () => {
    await storage.query('ALTER TABLE msgrcpt DROP COLUMN content, DROP COLUMN is_local')
    await storage.query('ALTER TABLE msgs DROP COLUMN originating')
    const { status, stderr } = await program.command('run')
    expect(status).toBe(1)
    for (const column of ['msgrcpt.content', 'msgrcpt.is_local', 'msgs.originating']) {
      expect(stderr).toContain(column)
    }
    await asRoot(storage.server, (stderr.match(/ALTER TABLE [^;]*;/g) ?? []).join('\n'), storage.database)
    expect(await program.command('run', '--json')).toMatchObject({ status: 0, stderr: '' })
  })

  test('lack rseqnum, which is part of a key', async () => {
    await storage.query('ALTER TABLE msgrcpt DROP PRIMARY KEY, DROP COLUMN rseqnum')
    const { status, stderr } = await program.command('run')
    expect(status).toBe(1)
    expect(stderr).toContain('msgrcpt.rseqnum')
    expect(stderr).toContain('ALTER TABLE msgrcpt ADD rseqnum')
  })
})

const programAt = async (url: string): Promise<Program> =>
  stack.use(await createProgram({ storage: { url } }))

let users = 0

/** A user who has only these rights on the storage database. */
async function userWith(rights: string): Promise<{ name: string; url: string }> {
  users += 1
  const user = `${storage.user}_${users}`
  // A pattern, as most accounts have: a GRANT must name the account, not the address of the connection.
  const name = `'${user}'@'127.0.0.%'`
  await asRoot(storage.server, `GRANT ${rights} ON ${storage.database}.* TO ${name} IDENTIFIED BY 'word'`)
  stack.defer(async () => {
    await asRoot(storage.server, `DROP USER ${name}`)
  })
  return { name, url: storage.url.replace(`${storage.user}:${storage.password}@`, `${user}:word@`) }
}
