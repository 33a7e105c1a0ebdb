import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { trustedAuthorities } from '../../../src/ground/network/authorities.ts'

test('a file of authorities is read again for each connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorities-'))
  try {
    const file = join(folder, 'ca.pem')
    writeFileSync(file, 'former')
    const authorities = trustedAuthorities(file, 'signIn.imap.caFile')
    writeFileSync(file, 'renewed')
    expect(authorities()).toEqual(['renewed'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a file that cannot be read is named at once, with its option', () => {
  expect(() => trustedAuthorities('/nowhere/ca.pem', 'signIn.imap.caFile')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: 'signIn.imap.caFile: cannot read /nowhere/ca.pem (ENOENT)',
    }),
  )
})

test('without a file, those of the machine are trusted besides those of Node', () => {
  const authorities = trustedAuthorities(undefined, 'signIn.imap.caFile')()
  expect(authorities).toEqual(
    expect.arrayContaining([...getCACertificates('default'), ...getCACertificates('system')]),
  )
})
