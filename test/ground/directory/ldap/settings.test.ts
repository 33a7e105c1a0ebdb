import { expect, test } from 'vitest'
import { ldapServer } from '../../../../src/ground/directory/ldap/settings.ts'

test.each([
  ['ldap://ldap.example.com', undefined, { host: 'ldap.example.com', port: 389, encryption: 'start-tls' }],
  ['ldap://ldap.example.com', false, { host: 'ldap.example.com', port: 389, encryption: 'none' }],
  ['ldaps://ldap.example.com', undefined, { host: 'ldap.example.com', port: 636, encryption: 'ldaps' }],
  ['ldaps://127.0.0.1:6636', undefined, { host: '127.0.0.1', port: 6636, encryption: 'ldaps' }],
  ['ldap://localhost:1389', undefined, { host: 'localhost', port: 1389, encryption: 'none' }],
  ['ldap://localhost', true, { host: 'localhost', port: 389, encryption: 'start-tls' }],
  ['ldap://[::1]', undefined, { host: '::1', port: 389, encryption: 'none' }],
  [
    'ldap://127.0.0.1.example.com',
    undefined,
    { host: '127.0.0.1.example.com', port: 389, encryption: 'start-tls' },
  ],
] as const)('%s with startTls %s', (url, startTls, server) => {
  expect(ldapServer({ url, startTls })).toEqual(server)
})
