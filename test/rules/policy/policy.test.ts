import { expect, test } from 'vitest'
import { policiesOf } from '../../../src/rules/policy/policy.ts'
import { STANDARD_POLICIES } from '../../standard-policies.ts'

const STANDARD = STANDARD_POLICIES.of('')

test('a domain has its own policy for a kind, in any spelling of the recipient, and else that of everybody', () => {
  const { of, settingFor } = policiesOf({
    ...STANDARD,
    domains: {
      'example.com': { banned: 'request', virus: 'never' },
      'xn--bcher-kva.example': { spam: 'confirm' },
    },
  })
  expect(of('Alice+news@EXAMPLE.com')).toMatchObject({ banned: 'request', spam: 'release' })
  expect(of('alice@sub.example.com')).toMatchObject({ banned: 'confirm' })
  expect(of('alice@bücher.example')).toMatchObject({ spam: 'confirm' })
  expect(settingFor('Alice@EXAMPLE.com', 'virus')).toBe('policy.domains.example.com.virus')
  expect(settingFor('alice@example.com', 'spam')).toBe('policy.spam')
  expect(settingFor('alice@example.net', 'virus')).toBe('policy.virus')
})
