import { expect, test } from 'vitest'
import {
  contentFilterIn,
  type PolicyRow,
  type PolicyUse,
} from '../../../src/ground/directory/ispconfig/policies.ts'
import {
  cutsOffAllSpam,
  danglingPolicies,
  discards,
  passed,
  policyFaults,
  strangeValues,
} from '../../../src/work/doctor/ispconfig-policies.ts'

const policy = (row: Partial<PolicyRow> = {}): PolicyRow => ({
  id: 1,
  policy_name: 'Normal',
  virus_lover: 'N',
  spam_lover: 'N',
  banned_files_lover: 'N',
  bad_header_lover: 'N',
  bypass_virus_checks: 'N',
  bypass_spam_checks: 'N',
  bypass_banned_checks: 'N',
  bypass_header_checks: 'N',
  virus_quarantine_to: null,
  spam_quarantine_to: null,
  banned_quarantine_to: null,
  bad_header_quarantine_to: null,
  spam_kill_level: 5,
  spam_quarantine_cutoff_level: null,
  ...row,
})

test('a mailbox has the policy of its own row, else of its domain, else of everybody; inheriting is no row', () => {
  const use = {
    policies: [policy({ id: 1 }), policy({ id: 2 }), policy({ id: 3 }), policy({ id: 4 })],
    users: [
      { id: 1, policyId: 1, email: 'Own@example.com' },
      { id: 2, policyId: 0, email: 'inherits@example.com' },
      { id: 3, policyId: 2, email: '@example.com' },
      { id: 4, policyId: 3, email: '@.' },
    ],
    mailboxes: ['own@example.com', 'inherits@example.com', 'none@example.com', 'x@elsewhere.example'],
  }
  expect(mailboxesUnder(use)).toEqual([
    [1, 1],
    [2, 2],
    [3, 1],
  ])
})

const mailboxesUnder = (use: PolicyUse) =>
  policyFaults(use, () => ['spam_lover'])
    .map(({ policy: { id }, mailboxes }) => [id, mailboxes])
    .sort()

test('a policy is in use where only a domain without mailboxes has it', () => {
  const users = [{ id: 1, policyId: 1, email: '@relayed.example' }]
  expect(mailboxesUnder({ policies: [policy()], users, mailboxes: [] })).toEqual([[1, 0]])
})

test('where the own policy of a mailbox has NULL, that of its domain decides, and has the fault', () => {
  const use = {
    policies: [
      policy({ id: 1 }),
      policy({ id: 2, spam_quarantine_to: '', spam_quarantine_cutoff_level: 0, virus_quarantine_to: '' }),
      policy({ id: 3, spam_quarantine_to: 'kept', virus_lover: 'Y', spam_quarantine_cutoff_level: 90 }),
    ],
    users: [
      { id: 1, policyId: 1, email: 'falls@example.com' },
      { id: 2, policyId: 3, email: 'has@example.com' },
      { id: 3, policyId: 2, email: '@example.com' },
    ],
    mailboxes: ['falls@example.com', 'has@example.com', 'none@example.com'],
  }
  expect(policyFaults(use, discards)).toMatchObject([
    { policy: { id: 2 }, mailboxes: 2, columns: ['virus_quarantine_to', 'spam_quarantine_to'] },
  ])
  expect(policyFaults(use, cutsOffAllSpam)).toMatchObject([{ policy: { id: 2 }, mailboxes: 2 }])
})

test('an empty destination discards, and NULL does not; nor does it where such mail is passed on', () => {
  expect(discards([policy({ spam_quarantine_to: '', banned_quarantine_to: ' ' })])).toEqual([
    'spam_quarantine_to',
    'banned_quarantine_to',
  ])
  expect(discards([policy()])).toEqual([])
  expect(discards([policy({ spam_quarantine_to: '', spam_lover: 'Y' })])).toEqual([])
})

test('what is quarantined nowhere is not passed from the quarantine', () => {
  expect(passed([policy({ spam_lover: 'Y', spam_quarantine_to: '' })])).toEqual([])
  expect(passed([policy({ spam_lover: 'Y', spam_quarantine_cutoff_level: 0 })])).toEqual([])
  expect(passed([policy({ spam_lover: 'Y' })])).toEqual(['spam_lover'])
})

test('where a kind is not looked for, none of it is discarded, cut off or passed', () => {
  const nothing = { spam_quarantine_to: '', spam_quarantine_cutoff_level: 0 }
  expect(discards([policy({ ...nothing, bypass_spam_checks: 'Y' })])).toEqual([])
  expect(cutsOffAllSpam([policy({ ...nothing, bypass_spam_checks: 'Y' })])).toEqual([])
  expect(passed([policy({ virus_lover: 'Y', bypass_virus_checks: 'Y' })])).toEqual([])
  const own = policy({ bypass_header_checks: null, bad_header_quarantine_to: '' })
  expect(discards([own, policy({ bypass_header_checks: 'Y' })])).toEqual([])
})

test.each([
  [{ spam_quarantine_cutoff_level: 0 }, true],
  [{ spam_quarantine_cutoff_level: '0.00', spam_kill_level: null }, true],
  [{ spam_quarantine_cutoff_level: '4.50', spam_kill_level: '5.00' }, true],
  [{ spam_quarantine_cutoff_level: 5, spam_kill_level: 5 }, true],
  [{ spam_quarantine_cutoff_level: 20, spam_kill_level: 5 }, false],
  [{ spam_quarantine_cutoff_level: 3, spam_kill_level: null }, false],
  [{ spam_quarantine_cutoff_level: 0, spam_lover: 'Y' }, false],
  [{}, false],
] as const)('with %j, no spam is kept: %s', (row, expected) => {
  expect(cutsOffAllSpam([policy(row)])).toHaveLength(expected ? 1 : 0)
})

test('lovers, strange values and policies that are not there are named', () => {
  expect(passed([policy({ banned_files_lover: 'Y' })])).toEqual(['banned_files_lover'])
  expect(strangeValues(policy({ virus_lover: '', spam_lover: null }))).toEqual(['virus_lover'])
  expect(strangeValues(policy({ bypass_header_checks: '' }))).toEqual(['bypass_header_checks'])
  const users = [{ id: 1, policyId: 9, email: 'a@example.com' }]
  expect(danglingPolicies({ policies: [policy()], users, mailboxes: [] })).toEqual([
    { id: 9, of: ['a@example.com'] },
  ])
})

test('the content filter is that of the section for mail', () => {
  expect(contentFilterIn('[web]\ncontent_filter=x\n[mail]\na=b\ncontent_filter=rspamd\n[x]\n')).toBe('rspamd')
  expect(contentFilterIn('[mail]\r\ncontent_filter="amavisd"\r\n')).toBe('amavisd')
  expect(contentFilterIn('[web]\ncontent_filter=x\n')).toBeUndefined()
  expect(contentFilterIn('')).toBeUndefined()
})
