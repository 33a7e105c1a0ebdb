import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAmavisdRoutes } from '../../../src/ground/config/amavis/routes.ts'
import { listsFinding } from '../../../src/work/doctor/lists-of-amavisd.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const OURS = 'mysql://digest_senders:secret@127.0.0.1:3306/dbispconfig'

test.each([
  ['the same database', 'mysql://amavis:x@localhost/dbispconfig', OURS, 'ok', /where they are written/],
  [
    'another database',
    'mysql://amavis:x@localhost/other',
    OURS,
    'fail',
    /other on this machine .*dbispconfig on/,
  ],
  ['another server', 'mysql://amavis:x@db2.example.com/dbispconfig', OURS, 'warn', /db2\.example\.com/],
  ['no database', null, OURS, 'fail', /no entry does anything/],
  ['some database, beside a panel', 'mysql://amavis:x@localhost/dbispconfig', undefined, 'ok', /looks up/],
  ['no database, beside a panel', null, undefined, 'fail', /no entry does anything/],
] as const)('of an amavisd that looks its lists up in %s', (_, read, written, status, words) => {
  const finding = listsFinding('/etc/amavis', read, written)
  expect(finding.status).toBe(status)
  expect(finding.message).toMatch(words)
  expect(finding.message).not.toMatch(/secret|:x@/)
})

test.each([
  ["@lookup_sql_dsn = (['DBI:mysql:database=dbispconfig;host=127.0.0.1', 'a', 'b']);", /\/dbispconfig$/],
  ["@storage_sql_dsn = (['DBI:mysql:q', 'a', 'b']); @lookup_sql_dsn = @storage_sql_dsn;", /\/q$/],
  ['@lookup_sql_dsn = ();', /^null$/],
  ['1;', /^null$/],
  ['@lookup_sql_dsn = ($ENV{X});', /^undefined$/],
])("of amavisd's configuration it reads %s", (perl, expected) => {
  const file = join(temporaryFolder(), 'amavisd.conf')
  writeFileSync(file, perl)
  expect(String(findAmavisdRoutes(file)?.lookupUrl)).toMatch(expected)
})
