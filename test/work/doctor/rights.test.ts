import { expect, test } from 'vitest'
import type { Right } from '../../../src/ground/database/inspection/inspection.ts'
import { rightsIn } from '../../../src/ground/database/inspection/mysql-inspection.ts'
import {
  neededInDirectory,
  neededInState,
  neededInStorage,
  placesText,
  revokes,
  tooWide,
} from '../../../src/work/doctor/rights.ts'

const USE = { database: 'amavis_storage', holdsOwnTables: false, purges: false }

const excessOf = (lines: readonly string[], needed = neededInStorage(USE)) =>
  placesText(tooWide(lines.flatMap(rightsIn), needed))

const FROM_README = [
  "GRANT USAGE ON *.* TO `amavis_digest`@`localhost` IDENTIFIED BY PASSWORD '*64…'",
  'GRANT SELECT ON `amavis_storage`.`maddr` TO `amavis_digest`@`localhost`',
  'GRANT SELECT ON `amavis_storage`.`msgs` TO `amavis_digest`@`localhost`',
  'GRANT SELECT, UPDATE (`rs`) ON `amavis_storage`.`msgrcpt` TO `amavis_digest`@`localhost`',
  'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER ON `amavis\\_digest`.* TO `amavis_digest`@`localhost`',
]

test('the rights of the README are needed', () => {
  expect(excessOf(FROM_README)).toBe('')
  expect(excessOf(FROM_README, neededInState('amavis_digest'))).toBe('')
})

test.each([
  ['GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION', 'ALL PRIVILEGES, GRANT OPTION on *.*'],
  ['GRANT SUPER ON *.* TO `u`@`%`', 'SUPER on *.*'],
  ['GRANT SELECT ON *.* TO `u`@`%`', 'SELECT on *.*'],
  ['GRANT ALL PRIVILEGES ON `amavis\\_storage`.* TO `u`@`%`', 'ALL PRIVILEGES on amavis_storage.*'],
  ['GRANT SELECT, DROP ON `amavis_storage`.* TO `u`@`%`', 'DROP on amavis_storage.*'],
  ['GRANT UPDATE ON `amavis_storage`.`msgrcpt` TO `u`@`%`', 'UPDATE on amavis_storage.msgrcpt'],
  [
    'GRANT SELECT, UPDATE (`rs`, `ds`) ON `amavis_storage`.`msgrcpt` TO `u`@`%`',
    'UPDATE (ds) on amavis_storage.msgrcpt',
  ],
  [
    'GRANT UPDATE (`subject`) ON `amavis_storage`.`msgs` TO `u`@`%`',
    'UPDATE (subject) on amavis_storage.msgs',
  ],
  ['GRANT DELETE ON `amavis_storage`.`msgs` TO `u`@`%`', 'DELETE on amavis_storage.msgs'],
])('%s is too wide', (line, excess) => {
  expect(excessOf([line])).toBe(excess)
})

test('who purges may delete, and who keeps our tables there may make them', () => {
  const lines = [
    'GRANT SELECT, INSERT, DELETE ON `amavis_storage`.`maddr` TO `u`@`%`',
    'GRANT SELECT, DELETE ON `amavis_storage`.`msgs` TO `u`@`%`',
    'GRANT SELECT, UPDATE (`rs`), DELETE ON `amavis_storage`.`msgrcpt` TO `u`@`%`',
    'GRANT SELECT, DELETE ON `amavis_storage`.`quarantine` TO `u`@`%`',
  ]
  expect(excessOf(lines, neededInStorage({ ...USE, purges: true }))).toBe('')
  const own =
    'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `amavis_storage`.* TO `u`@`%`'
  expect(excessOf([own])).not.toBe('')
  expect(excessOf([own], neededInStorage({ ...USE, holdsOwnTables: true }))).toBe('')
})

test('who purges from a timer has all rights of a purge; a part of them, and more than them, is too wide', () => {
  const [addresses, ...others] = [
    'GRANT SELECT, INSERT, DELETE ON `amavis_storage`.`maddr` TO `u`@`%`',
    'GRANT SELECT, DELETE ON `amavis_storage`.`msgs` TO `u`@`%`',
    'GRANT SELECT, UPDATE (`rs`), DELETE ON `amavis_storage`.`msgrcpt` TO `u`@`%`',
    'GRANT SELECT, DELETE ON `amavis_storage`.`quarantine` TO `u`@`%`',
  ]
  expect(excessOf([addresses, ...others])).toBe('')
  expect(excessOf(others)).toMatch(/^DELETE on amavis_storage.msgs; /)
  const more = 'GRANT DELETE, DROP ON `amavis_storage`.`msgs` TO `u`@`%`'
  expect(excessOf([addresses, more, ...others])).toBe('DROP on amavis_storage.msgs')
  const elsewhere = addresses.replace('amavis_storage', 'elsewhere')
  expect(excessOf([elsewhere, ...others])).toMatch(/^DELETE on amavis_storage.msgs; /)
})

test('a directory may be read, and nothing else', () => {
  const needed = neededInDirectory('dbispconfig')
  expect(excessOf(['GRANT SELECT (`a`, `b`) ON `dbispconfig`.`mail_user` TO `u`@`%`'], needed)).toBe('')
  expect(excessOf(['GRANT SELECT, UPDATE ON `dbispconfig`.* TO `u`@`%`'], needed)).toBe(
    'UPDATE on dbispconfig.*',
  )
})

test('the statements take away exactly what is too much', () => {
  const on = (privilege: string, table?: string): Right => ({
    privilege,
    reach: table === undefined ? 'server' : 'table',
    database: undefined,
    table,
    account: 'u',
  })
  expect(revokes([on('SUPERUSER'), on('INSERT', 'msgs'), on('DELETE', 'msgs'), on('OWNER', 'maddr')])).toBe(
    'ALTER ROLE u NOSUPERUSER; REVOKE INSERT, DELETE ON msgs FROM u; ALTER TABLE maddr OWNER TO amavis;',
  )
})
