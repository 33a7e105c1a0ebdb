import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAmavisdRoutes } from '../../../src/ground/config/amavis/routes.ts'
import { addressFinding } from '../../../src/work/doctor/addresses-of-amavisd.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test.each([
  [true, 'varbinary', 'ok', /octets/, /^$/],
  [true, 'bytea', 'ok', /octets/, /^$/],
  [true, 'varchar', 'warn', /on \(\/etc\), but maddr.email is varchar/, /varbinary\(255\)/],
  [false, 'varbinary', 'warn', /off \(\/etc\): .* a \?/, /^Set \$sql_allow_8bit_address = 1;/],
  [false, 'varchar', 'warn', /off/, /varbinary\(255\).* Set \$sql_allow_8bit_address = 1;/],
] as const)('with $sql_allow_8bit_address %s and addresses as %s: %s', (isOn, type, status, words, fix) => {
  const finding = addressFinding('/etc', isOn, type)
  expect(finding.status).toBe(status)
  expect(finding.message).toMatch(words)
  expect(finding.fix ?? '').toMatch(fix)
})

test.each([
  ['$sql_allow_8bit_address = 1;', true],
  ['$sql_allow_8bit_address = 1; $sql_allow_8bit_address = 0;', false],
  ['1;', false],
  ['$sql_allow_8bit_address = $ENV{X};', undefined],
])("of amavisd's configuration it reads %s", (perl, expected) => {
  const file = join(temporaryFolder(), 'amavisd.conf')
  writeFileSync(file, perl)
  expect(findAmavisdRoutes(file)?.storesOctets).toBe(expected)
})
