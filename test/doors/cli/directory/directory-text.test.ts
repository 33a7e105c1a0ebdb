import { expect, test } from 'vitest'
import { checkText, explainedText, outdatedNote } from '../../../../src/doors/cli/directory/directory-text.ts'
import type { StepKind } from '../../../../src/ground/directory/directory.ts'
import { HOUR, MINUTE } from '../../../../src/ground/durations.ts'

const BOB = { address: 'bob@example.com', isOff: false }

test('first who reads it, then a sentence for each step, then what is known of the readers', () => {
  expect(
    explainedText({
      address: 'sales@example.com',
      readers: [{ ...BOB, name: 'Bob', client: 'Example Ltd', language: 'de' }],
      by: [
        { is: 'alias', from: 'sales@example.com', to: 'bob@example.com', row: 'mail_forwarding 12' },
        { is: 'mailbox', from: 'bob@example.com', to: 'bob@example.com', row: 'mail_user 3' },
      ],
      outdated: undefined,
    }).split('\n'),
  ).toEqual([
    'Read by bob@example.com.',
    'sales@example.com is an alias of bob@example.com (mail_forwarding 12).',
    'bob@example.com is a mailbox (mail_user 3).',
    'Of bob@example.com the directory knows: name Bob, client Example Ltd, language de.',
  ])
})

test.each([
  ['it has no reader', []],
  ['bob@example.com is switched off', [{ ...BOB, isOff: true }]],
])('where nobody gets a digest, the first line says so: %s', (why, readers) => {
  const text = explainedText({ address: 'x@example.com', readers, by: [], outdated: undefined })
  expect(text).toBe(`Nobody gets a digest about the mail of x@example.com: ${why}.`)
})

test('each kind of step is a sentence of its own', () => {
  const kinds = {
    mailbox: 0,
    off: 0,
    alias: 0,
    aliasdomain: 0,
    catchall: 0,
    forward: 0,
    cc: 0,
    extension: 0,
    relay: 0,
    list: 0,
    outside: 0,
    loop: 0,
    'too-many': 0,
    unknown: 0,
  } satisfies Record<StepKind, 0>
  const sentences = (Object.keys(kinds) as StepKind[]).flatMap(is =>
    [null, 'to@example.com'].map(
      to =>
        explainedText({
          address: 'x@example.com',
          readers: [],
          by: [{ is, from: 'from@example.com', to, row: null }],
          outdated: undefined,
        }).split('\n')[1],
    ),
  )
  expect(sentences.every(sentence => sentence?.includes('from@example.com'))).toBe(true)
  expect(sentences).toContain('from@example.com is elsewhere, and directory.outsideReaders does not list it.')
  expect(sentences).toContain('from@example.com is elsewhere, and directory.outsideReaders lists it.')
  expect(new Set(sentences).size).toBeGreaterThanOrEqual(Object.keys(kinds).length + 1)
})

test('what stands in a directory cannot change the terminal', () => {
  const text = explainedText({
    address: 'x@example.com',
    readers: [{ ...BOB, name: '\u001B[2J\u202Eevil' }],
    by: [{ is: 'alias', from: 'x@example.com', to: 'bob@example.com', row: `cn=\u0007${'x'.repeat(900)}` }],
    outdated: undefined,
  })
  for (const control of ['\u0007', '\u001B', '\u202E']) expect(text).not.toContain(control)
  expect(text.length).toBeLessThan(700)
})

test('an answer from before says its age and why it is not new', () => {
  const note = (askedAt: number | undefined) =>
    outdatedNote({ askedAt, reason: 'The directory is away.' }, 3 * HOUR)
  expect(note(3 * HOUR - 90 * MINUTE)).toContain('This is its last known answer, 1h old.')
  expect(note(3 * HOUR - 5 * MINUTE - 100)).toContain('5m old')
  expect(note(undefined)).toBe('amavis-digest: The directory is away.\nThis is its last known answer.')
})

test('the report names what waits unread and which settings are idle', () => {
  const none = { messages: 0, addresses: [] }
  const quiet = { off: none, outside: none, nobody: none, unanswered: none }
  expect(checkText({ kind: 'ldap', answer: { ok: true, took: 12 }, unread: quiet, idleSettings: [] })).toBe(
    'The directory (ldap) answers, after 12 ms.\nSomebody gets a digest about each message that waits.',
  )
  expect(
    checkText({
      kind: 'ldap',
      answer: { ok: false, took: 12, code: 'DIRECTORY_UNREACHABLE', message: 'Start it.' },
      unread: { ...quiet, nobody: { messages: 3, addresses: ['a@example.com', 'b@example.com'] } },
      idleSettings: [{ scope: 'sales@example.com', readers: ['bob@example.com'] }],
    }).split('\n'),
  ).toEqual([
    'The directory (ldap) gives no answer: Start it.',
    'Waiting messages that nobody gets a digest about: 3',
    '  3: nobody reads the address: a@example.com, b@example.com',
    'Settings that no digest follows, because their address does not read its own mail:',
    '  sales@example.com: give them to bob@example.com',
  ])
})
