import { expect, test } from 'vitest'
import { configSchema } from '../../../src/ground/config/schema.ts'
import { requestAdmins } from '../../../src/work/doctor/request-checks.ts'

const NOBODY = /no admin there decides/
const UNTOLD = /no admin gets a mail/

test.each([
  ['nothing can be asked for', {}, [], 'ok', /no policy says request/],
  ['an admin of all domains', { banned: 'request' }, ['a@example.com'], 'ok', /decides and is told/],
  ['nobody', { banned: 'request' }, [], 'warn', NOBODY],
  [
    'an admin of other domains',
    { banned: 'request' },
    [{ address: 'a@b.example', domains: ['b.example'] }],
    'warn',
    NOBODY,
  ],
  [
    'the help desk only',
    { banned: 'request' },
    [{ address: 'a@b.example', role: 'helpDesk' }],
    'warn',
    NOBODY,
  ],
  [
    'one domain and its admin',
    { domains: { 'b.example': { spam: 'request' } } },
    [{ address: 'a@b.example', domains: ['b.example'] }],
    'ok',
    /decides/,
  ],
  [
    'one domain and another admin',
    { domains: { 'b.example': { spam: 'request' } } },
    [{ address: 'a@c.example', domains: ['c.example'] }],
    'warn',
    /b\.example can ask/,
  ],
  [
    'an admin who wants no mail',
    { virus: 'request' },
    [{ address: 'a@example.com', requests: false }],
    'warn',
    UNTOLD,
  ],
] as const)('with %s', (_, policy, admins, status, message) => {
  const config = configSchema.pick({ policy: true, admins: true }).parse({ policy, admins })
  expect(requestAdmins(config)).toMatchObject({ status, message: expect.stringMatching(message) })
})
