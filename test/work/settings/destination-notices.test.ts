import { expect, test } from 'vitest'
import {
  type DestinationChange,
  notifyDestinationsChanged,
} from '../../../src/work/settings/destination-notices.ts'
import { prefer } from '../../embedded/preferences.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const BY = { kind: 'admin', name: 'host@example.org', remoteAddress: null } as const
const ADMINS = [
  { address: 'root@example.net' },
  { address: 'host@example.org', domains: ['example.org'] },
  { address: 'post@example.com', domains: ['example.com'] },
]

test('a change for a domain is reported with its author to the domain’s admins and to both destinations', async () => {
  const { notify, mailer, state } = await world()
  await prefer(state, '@example.org', { language: 'de' })
  await notify({ scope: '@example.org', from: 'old@example.org', to: 'new@example.net' })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([
    'root@example.net',
    'host@example.org',
    'old@example.org',
    'new@example.net',
  ])
  const [root, , , next] = mailer.attempts
  expect(root?.subject).toBe('The destination of digests has changed')
  expect(root?.text).toContain('host@example.org has changed')
  expect(root?.text).toContain('@example.org. Before: old@example.org. Now: new@example.net.')
  expect(next?.text).toContain('Bisher: old@example.org')
})

test('a change for everybody is reported only to admins of all domains', async () => {
  const { notify, mailer } = await world()
  await notify({ scope: '@', from: undefined, to: 'Root@Example.net' })
  expect(mailer.attempts.map(({ to }) => to)).toEqual(['root@example.net'])
  expect(mailer.attempts[0]?.text).toContain('All readers. Before: each reader’s own mailbox.')
})

test('each reader is told at the mailboxes concerned, and no admin is', async () => {
  const { notify, mailer } = await world()
  await notify(
    { scope: 'alice@example.com', from: undefined, to: 'home@example.net' },
    { scope: 'bob@example.com', from: 'pa@example.net', to: undefined },
  )
  expect(mailer.attempts.map(({ to }) => to).sort()).toEqual([
    'alice@example.com',
    'bob@example.com',
    'home@example.net',
    'pa@example.net',
  ])
})

test('more than a thousand changes are reported only to the admins they concern, fifty by name', async () => {
  const { notify, mailer } = await world()
  await notify(...many(1001))
  expect(mailer.attempts.map(({ to }) => to)).toEqual(['root@example.net', 'post@example.com'])
  const text = mailer.attempts[0]?.text ?? ''
  expect(text).toContain('r49@example.com.')
  expect(text).not.toContain('r50@example.com.')
  expect(text).toContain('And 951 more.')
})

test('mails that cannot be sent are named; after a few of them no more are tried', async () => {
  const { notify, mailer } = await world()
  mailer.answer = () => ({ outcome: 'refused', reply: '550' })
  await expect(notify({ scope: '@', from: undefined, to: undefined })).rejects.toThrow(
    'no mail could be sent to root@example.net',
  )
  mailer.attempts.length = 0
  await expect(notify(...many(1000))).rejects.toThrow('no mail could be sent to r0@example.com')
  expect(mailer.attempts.length).toBeLessThan(20)
})

async function world() {
  const program = await embeddedProgram()
  const deps = { ...program.deps, admins: ADMINS }
  return {
    ...program,
    notify: (...changes: DestinationChange[]) => notifyDestinationsChanged(deps, BY, changes),
  }
}

const many = (count: number): DestinationChange[] =>
  Array.from({ length: count }, (_, index) => ({
    scope: `r${index}@example.com`,
    from: undefined,
    to: 'x@example.net',
  }))
