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

test('of a whole domain, the admins who look after it, and where its digests went and go, are told by whom', async () => {
  const { tell, mailer, state } = await world()
  await prefer(state, '@example.org', { language: 'de' })
  await tell({ scope: '@example.org', from: 'old@example.org', to: 'new@example.net' })
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

test('what goes for everybody is told to those alone who look after all domains', async () => {
  const { tell, mailer } = await world()
  await tell({ scope: '@', from: undefined, to: 'Root@Example.net' })
  expect(mailer.attempts.map(({ to }) => to)).toEqual(['root@example.net'])
  expect(mailer.attempts[0]?.text).toContain('All readers. Before: each reader’s own mailbox.')
})

test('readers are told each, at the mailboxes concerned, and no admin is', async () => {
  const { tell, mailer } = await world()
  await tell(
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

test('of more than a thousand the admins alone hear, each of those in reach, the first fifty by name', async () => {
  const { tell, mailer } = await world()
  await tell(...many(1001))
  expect(mailer.attempts.map(({ to }) => to)).toEqual(['root@example.net', 'post@example.com'])
  const text = mailer.attempts[0]?.text ?? ''
  expect(text).toContain('r49@example.com.')
  expect(text).not.toContain('r50@example.com.')
  expect(text).toContain('And 951 more.')
})

test('a few mails that cannot be sent are named; with many of them it stops trying', async () => {
  const { tell, mailer } = await world()
  mailer.answer = () => ({ outcome: 'refused', reply: '550' })
  await expect(tell({ scope: '@', from: undefined, to: undefined })).rejects.toThrow(
    'no mail could be sent to root@example.net',
  )
  mailer.attempts.length = 0
  await expect(tell(...many(1000))).rejects.toThrow('no mail could be sent to r0@example.com')
  expect(mailer.attempts.length).toBeLessThan(20)
})

async function world() {
  const program = await embeddedProgram()
  const deps = { ...program.deps, admins: ADMINS }
  return {
    ...program,
    tell: (...changes: DestinationChange[]) => notifyDestinationsChanged(deps, BY, changes),
  }
}

const many = (count: number): DestinationChange[] =>
  Array.from({ length: count }, (_, index) => ({
    scope: `r${index}@example.com`,
    from: undefined,
    to: 'x@example.net',
  }))
