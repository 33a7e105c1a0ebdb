import { writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { type Certificates, makeCertificates } from '../servers/certificates.ts'
import { startMariaDb } from '../servers/mariadb.ts'
import { type Postgres, startPostgres } from '../servers/postgres.ts'

let stack: AsyncDisposableStack

beforeAll(() => {
  stack = new AsyncDisposableStack()
})
afterAll(() => stack.disposeAsync())

describe('PostgreSQL', () => {
  let server: Postgres
  let files: Certificates
  const urlOf = (host: string, parameters = '') =>
    `postgres://postgres:${server.adminPassword}@${host}:${server.port}/postgres${parameters}`

  beforeAll(async () => {
    files = stack.use(makeCertificates('postgres'))
    const settings = ['ssl=on', `ssl_cert_file=${files.certificate}`, `ssl_key_file=${files.key}`]
    server = stack.use(await startPostgres(settings))
  })

  const isEncrypted = async (url: string): Promise<boolean> => {
    await using database = connect('storage', url)
    const query = sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`
    return (await query.execute(database.sql)).rows[0]?.ssl === true
  }

  test('encrypts and verifies when told to', async () => {
    const ca = `sslrootcert=${files.authority}`
    expect(await isEncrypted(urlOf('127.0.0.1'))).toBe(false)
    expect(await isEncrypted(urlOf('127.0.0.1', '?sslmode=disable'))).toBe(false)
    expect(await isEncrypted(urlOf('127.0.0.1', '?sslmode=require'))).toBe(true)
    expect(await isEncrypted(urlOf('127.0.0.1', `?sslmode=verify-ca&${ca}`))).toBe(true)
    expect(await isEncrypted(urlOf('localhost', `?sslmode=verify-full&${ca}`))).toBe(true)
  })

  test.each([
    ['a name that is not in the certificate', '127.0.0.1', 'verify-full', 'authority'],
    ['another authority', 'localhost', 'verify-full', 'foreignAuthority'],
    ['another authority, whatever the name', 'localhost', 'verify-ca', 'foreignAuthority'],
  ] as const)('refuses %s', async (_, host, mode, authority) => {
    await expect(
      isEncrypted(urlOf(host, `?sslmode=${mode}&sslrootcert=${files[authority]}`)),
    ).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('Does sslrootcert name its authority'),
    })
  })

  test('without sslrootcert, the authorities that Node.js trusts count', async () => {
    await expect(isEncrypted(urlOf('localhost', '?sslmode=verify-full'))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
    })
  })

  test('a Unix socket needs no TLS', async () => {
    expect(await isEncrypted(urlOf('localhost', `?host=${server.socketDir}&sslmode=require`))).toBe(false)
  })

  test('a server that offers no TLS is reported', async () => {
    await using plain = await startPostgres()
    const url = `postgres://postgres:${plain.adminPassword}@127.0.0.1:${plain.port}/postgres?sslmode=require`
    await expect(isEncrypted(url)).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: `storage database: 127.0.0.1:${plain.port} offers no TLS, which sslmode asks for.`,
    })
  })

  test('if the server requires TLS, the message says what to add', async () => {
    const hba = `${server.socketDir}/data/pg_hba.conf`
    writeFileSync(hba, 'hostssl all all all scram-sha-256\nlocal all all scram-sha-256\n')
    await using admin = connect('storage', urlOf('localhost', `?host=${server.socketDir}`))
    await sql`select pg_reload_conf()`.execute(admin.sql)
    const refusal = {
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('Add ?sslmode=require to the URL.'),
    }
    await vi.waitFor(() => expect(isEncrypted(urlOf('127.0.0.1'))).rejects.toMatchObject(refusal))
  })
})

describe('MariaDB', () => {
  let server: Awaited<ReturnType<typeof startMariaDb>>
  let files: Certificates
  const urlOf = (host: string, parameters = '') =>
    `mysql://root:${server.rootPassword}@${host}:${server.port}/mysql${parameters}`

  beforeAll(async () => {
    files = stack.use(makeCertificates('mysql'))
    server = stack.use(await startMariaDb([`--ssl-cert=${files.certificate}`, `--ssl-key=${files.key}`]))
  })

  const isEncrypted = async (url: string): Promise<boolean> => {
    await using database = connect('storage', url)
    const query = sql<{ Value: string }>`show session status like 'Ssl_cipher'`
    return (await query.execute(database.sql)).rows[0]?.Value !== ''
  }

  test('encrypts and verifies when told to', async () => {
    const ca = `ssl-ca=${files.authority}`
    expect(await isEncrypted(urlOf('127.0.0.1'))).toBe(false)
    expect(await isEncrypted(urlOf('127.0.0.1', '?ssl-mode=DISABLED'))).toBe(false)
    expect(await isEncrypted(urlOf('127.0.0.1', '?ssl-mode=REQUIRED'))).toBe(true)
    expect(await isEncrypted(urlOf('127.0.0.1', `?ssl-mode=VERIFY_CA&${ca}`))).toBe(true)
    expect(await isEncrypted(urlOf('localhost', `?ssl-mode=VERIFY_IDENTITY&${ca}`))).toBe(true)
  })

  test.each([
    // Node.js takes this spelling of 127.0.0.1 for a name, not for an IP address.
    ['a name that is not in the certificate', '127.1', 'VERIFY_IDENTITY', 'authority'],
    ['another authority', 'localhost', 'VERIFY_IDENTITY', 'foreignAuthority'],
    ['another authority, whatever the name', 'localhost', 'VERIFY_CA', 'foreignAuthority'],
  ] as const)('refuses %s', async (_, host, mode, authority) => {
    await expect(
      isEncrypted(urlOf(host, `?ssl-mode=${mode}&ssl-ca=${files[authority]}`)),
    ).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('Does ssl-ca name its authority'),
    })
  })

  test('a server that offers no TLS is reported', async () => {
    await using plain = await startMariaDb(['--skip-ssl'])
    const url = `mysql://root:${plain.rootPassword}@127.0.0.1:${plain.port}/mysql?ssl-mode=REQUIRED`
    await expect(isEncrypted(url)).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: `storage database: 127.0.0.1:${plain.port} offers no TLS, which ssl-mode asks for.`,
    })
  })

  test('if the server requires TLS, our message says what to add, although the server’s does not', async () => {
    await using admin = connect('storage', urlOf('127.0.0.1', '?ssl-mode=REQUIRED'))
    await sql`set global require_secure_transport = on`.execute(admin.sql)
    await expect(isEncrypted(urlOf('127.0.0.1'))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('add ?ssl-mode=REQUIRED'),
    })
    await sql`set global require_secure_transport = off`.execute(admin.sql)
  })
})
