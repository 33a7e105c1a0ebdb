import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { directoryOptions } from '../../../../src/ground/config/options/directory-options.ts'

const ACCOUNT = { bindDn: 'cn=amavis-digest,dc=example,dc=com', password: 'secret' }
const SERVER = { kind: 'ldap', url: 'ldaps://ldap.example.com', base: 'dc=example,dc=com' }

/** Which options are refused, each with what was expected. */
const faults = (options: object) =>
  directoryOptions
    .safeParse({ ...SERVER, ...options })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

test.each([
  {},
  ACCOUNT,
  { url: 'ldap://ldap.example.com', ...ACCOUNT },
  { url: 'ldap://ldap.example.com/', startTls: true },
  { url: 'ldap://ldap.example.com', startTls: false },
  { url: 'ldap://127.0.0.1:1389', ...ACCOUNT },
  { url: 'ldap://[::1]', startTls: false, ...ACCOUNT },
  { addressAttributes: ['mail', '2.16.840.1.113730.3.1.13'] },
])('%j is accepted', options => {
  expect(faults(options)).toEqual([])
})

test.each([
  [{ ...ACCOUNT, password: '' }, /^password: expected the password of bindDn/],
  [{ bindDn: ACCOUNT.bindDn }, /^password: expected the password of bindDn/],
  [{ password: 'secret' }, /^bindDn: expected the account/],
  [{ ...ACCOUNT, bindDn: '' }, /^bindDn: expected an account/],
  [
    { url: 'ldap://ldap.example.com', startTls: false, ...ACCOUNT },
    /^startTls: .* not sent to another machine/,
  ],
  [{ startTls: true }, /^startTls: .* encrypted already/],
  [{ url: 'ldaps://bob:secret@ldap.example.com' }, /^url: expected no user in it/],
  [{ url: 'ldaps://ldap.example.com/dc=example,dc=com' }, /^url: expected a host and a port only/],
  [{ url: 'ldaps://ldap.example.com/?mail' }, /^url: expected a host and a port only/],
  [{ url: 'ldaps:///' }, /^url: expected a host and a port only/],
  [{ url: 'mysql://db/x' }, /^url: expected ldap/],
  [{ base: undefined }, /^base: expected a base/],
  [{ filter: '(&(a=b)' }, /^filter: expected a filter/],
  [{ offFilter: 'disabled' }, /^offFilter: expected a filter/],
  [{ addressAttributes: ['mail)(uid=*'] }, /^addressAttributes\.0: expected the name of an attribute/],
] as const)('%j is refused', (options, fault) => {
  expect(faults(options)).toEqual([expect.stringMatching(fault)])
  expect(faults(options).join()).not.toContain('secret')
})

test('a filter may be written on several lines', () => {
  const filter = '\n(&\n  (objectClass=person)\n  (!(cn=a b))\n)\n'
  expect(directoryOptions.parse({ ...SERVER, filter }).filter).toBe('(&(objectClass=person)(!(cn=a b)))')
})

test('the configurations of the guide are accepted', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/ldap.md', import.meta.url), 'utf8')
  const samples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => parse(text))
  expect(samples).toHaveLength(3)
  for (const { directory } of samples) expect(faults(directory)).toEqual([])
})
