import { expect, test } from 'vitest'
import { adminsOf, adminViewer, contactOf } from '../../../src/rules/reach/admins.ts'

const ADMINS = adminsOf([
  { address: 'root@example.com' },
  { address: 'careful@example.com', download: false },
  { address: 'desk@example.com', domains: ['example.com'] },
  { address: 'senior@example.com', domains: ['example.com'], download: true },
])

test('admins of all domains may everything, admins of some release, and get files if the configuration says so', () => {
  expect(ADMINS.find('root@example.com')?.may).toEqual([
    'read',
    'release',
    'decide',
    'senders',
    'learn',
    'download',
    'virus',
  ])
  expect(ADMINS.find('careful@example.com')?.may).toEqual([
    'read',
    'release',
    'decide',
    'senders',
    'learn',
    'virus',
  ])
  expect(ADMINS.find('desk@example.com')?.may).toEqual(['read', 'release', 'decide', 'senders', 'learn'])
  expect(ADMINS.find('senior@example.com')?.may).toEqual([
    'read',
    'release',
    'decide',
    'senders',
    'learn',
    'download',
  ])
})

test('an admin who has signed in looks into the quarantine with their reach and rights', () => {
  const admin = ADMINS.find('Desk@Example.com')
  expect(admin && adminViewer(admin, '192.0.2.1')).toEqual({
    as: 'admin',
    actor: { kind: 'admin', name: 'desk@example.com', remoteAddress: '192.0.2.1' },
    reach: ['example.com'],
    may: ['read', 'release', 'decide', 'senders', 'learn'],
  })
})

test('readers are told to ask the first admin, and never the help desk', () => {
  const help = { address: 'help@example.com', role: 'helpDesk' } as const
  const admins = [help, { address: 'postmaster@example.com' }, { address: 'other@example.com' }]
  expect(contactOf(admins)).toBe('postmaster@example.com')
  expect(contactOf([help])).toBeUndefined()
})
