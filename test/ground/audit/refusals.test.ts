import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRefusals, type Refusal } from '../../../src/ground/audit/refusals.ts'
import { MINUTE } from '../../../src/ground/durations.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const forged = (address: string, outcome = 'LINK_FORGED'): Refusal => ({
  what: 'link',
  outcome,
  remoteAddress: address,
})

test('refusals of one kind share an audit row a minute, however many there are and whatever the reason', async () => {
  const { refusals, rows, meter, pass } = await recorder()
  for (let count = 0; count < 500; count += 1)
    refusals.add(forged(`192.0.2.${count % 100}`, count % 5 === 0 ? 'LINK_MALFORMED' : 'LINK_FORGED'))
  await refusals.settled()
  expect(await rows()).toMatchObject([
    {
      actor: 'unknown',
      action: 'release',
      outcome: 'LINK_MALFORMED',
      remote_address: '192.0.2.0',
      detail: null,
    },
  ])
  pass(MINUTE)
  await refusals.settled()
  expect((await rows()).slice(1)).toMatchObject([
    {
      action: 'release',
      outcome: 'LINK_FORGED',
      detail: '499 within a minute, from 100 network addresses: LINK_FORGED 400, LINK_MALFORMED 99',
    },
  ])
  pass(MINUTE - 1)
  refusals.add(forged('192.0.2.7'))
  await refusals.settled()
  expect(await rows()).toHaveLength(2)
  pass(1)
  await refusals.settled()
  expect(await rows()).toHaveLength(3)
  expect(meter.calls.filter(([call]) => call === 'refused')).toHaveLength(501)
})

test('kinds of refusals do not hide each other, and what is left at the end is recorded', async () => {
  const { refusals, rows } = await recorder()
  const remoteAddress = '192.0.2.1'
  for (let count = 1; count <= 3; count += 1) {
    refusals.add({ what: 'sign-in', kind: 'admin', outcome: 'SIGN_IN_FAILED', remoteAddress })
    refusals.add({ what: 'sign-in-link', kind: 'admin', outcome: 'nobody-found', remoteAddress })
    refusals.add({ what: 'api-key', outcome: 'API_KEY_INVALID', remoteAddress })
  }
  await refusals[Symbol.asyncDispose]()
  const recorded = (await rows()).map(({ actor_kind, action, outcome, detail }) =>
    [actor_kind, action, outcome, detail?.slice(0, 2)].join(' ').trim(),
  )
  expect(recorded.sort()).toEqual([
    'admin key-use API_KEY_INVALID',
    'admin key-use API_KEY_INVALID 2',
    'admin sign-in SIGN_IN_FAILED',
    'admin sign-in SIGN_IN_FAILED 2',
    'admin sign-in-ask nobody-found',
    'admin sign-in-ask nobody-found 2',
  ])
})

test('each refused sign-in and API key has a line in the log, up to ten of a network and a hundred a minute', async () => {
  const { refusals, messages } = await recorder()
  const refuse = (remoteAddress: string, what: 'sign-in' | 'api-key' | 'link' = 'sign-in') =>
    refusals.add({ what, outcome: 'SIGN_IN_FAILED', remoteAddress })
  refuse('192.0.2.1')
  refuse('2001:db8::1', 'api-key')
  refuse('192.0.2.1', 'link')
  expect(messages()).toEqual(['sign-in refused from 192.0.2.1', 'API key refused from 2001:db8::1'])
  for (let count = 2; count <= 50; count += 1) refuse(`192.0.2.${count}`)
  expect(messages().filter(line => line.startsWith('sign-in refused from 192.0.2.'))).toHaveLength(10)
  for (let count = 1; count <= 200; count += 1) refuse(`198.51.${count}.1`)
  expect(messages().filter(line => / refused from /.test(line))).toHaveLength(100)
  await refusals[Symbol.asyncDispose]()
  expect(messages().slice(-1)).toEqual([
    expect.stringMatching(/^more refusals than are logged: \d+ within a minute/),
  ])
  expect(messages().length).toBeLessThan(103)
})

test('a database that is away costs a line in the log, and nothing else', async () => {
  const { refusals, messages, state } = await recorder()
  await state.sql.schema.dropTable('digest_audit').execute()
  refusals.add(forged('192.0.2.1'))
  await refusals[Symbol.asyncDispose]()
  expect(messages()).toEqual(['refused requests could not be recorded in the audit'])
})

async function recorder() {
  const { state, time, meter, rows } = await embeddedProgram()
  const { log, lines } = readableLog()
  const refusals = createRefusals({ state, clock: time.clock, log, meter })
  return {
    state,
    meter,
    pass: (span: number) => {
      time.now += span
      vi.advanceTimersByTime(span)
    },
    messages: () => lines.map(line => String(JSON.parse(line).msg)),
    refusals: { ...refusals, settled: () => state.sql.selectFrom('digest_audit').select('at').execute() },
    rows: async () => (await rows('digest_audit')).toSorted((a, b) => (a.audit_id < b.audit_id ? -1 : 1)),
  }
}
