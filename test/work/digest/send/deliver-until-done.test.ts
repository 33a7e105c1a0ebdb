import { expect, test } from 'vitest'
import { HOUR } from '../../../../src/ground/durations.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliverUntilDone } from '../../../../src/work/digest/send/deliver-until-done.ts'
import { HELD_BACK_FOR } from '../../../../src/work/digest/send/hold-back.ts'
import {
  failDigest,
  holdBackDigest,
  leaseDigests,
  recordSent,
  renewLeases,
  returnDigests,
} from '../../../../src/work/digest/send/outbox.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { waitUntil } from '../../../servers/wait.ts'

const LEASE = 30_000

test('waits for the digests that a dead process has leased, and sends them when the leases have run out', async () => {
  const program = await compiled(5)
  await leaseSome(program, 'dead', 3)
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW })
  await waitUntil('the free ones to be sent', () => program.mailer.attempts.length === 2)
  program.time.now = NOW + LEASE
  expect(await delivering).toMatchObject({ sent: 5, failed: 0, outage: false })
})

test('leaves the digests that a living process has leased to that process, and says how many', async () => {
  const program = await compiled(5)
  const ids = await leaseSome(program, 'alive', 3)
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW })
  await waitUntil('the free ones to be sent', () => program.mailer.attempts.length === 2)
  await using _life = keepAlive(program, ids)
  expect(await delivering).toMatchObject({ sent: 2, failed: 0, outage: false, handedOver: 3 })
  expect(program.mailer.attempts).toHaveLength(2)
})

test('counts what other processes have sent or could not send, also before it looked', async () => {
  const program = await compiled(5)
  const [runId = ''] = (await program.rows('digest_digest')).map(row => String(row.run_id))
  const [early = '', late = '', refused = ''] = await leaseSome(program, 'alive', 3)
  const owned = (digestId: string) => ({ digestId, owner: 'alive', resent: 0 })
  await recordSent(program.state, [{ ...owned(early), reply: '250 Ok' }], NOW)
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW, runId })
  await waitUntil('the free ones to be sent', () => program.mailer.attempts.length === 2)
  await recordSent(program.state, [{ ...owned(late), reply: '250 Ok' }], NOW)
  await failDigest(program.state, owned(refused), { now: NOW, reply: '550 No such user' })
  expect(await delivering).toMatchObject({ sent: 4, failed: 1, outage: false, handedOver: 3 })
})

test('counts what another process has held back, which is no failure', async () => {
  const program = await compiled(3)
  const [digestId = ''] = await leaseSome(program, 'alive', 1)
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW })
  await waitUntil('the free ones to be sent', () => program.mailer.attempts.length === 2)
  const until = { nextAttemptAt: NOW + HOUR, reply: `${HELD_BACK_FOR}: connect ECONNREFUSED` }
  await holdBackDigest(program.state, { digestId, owner: 'alive', resent: 0 }, until)
  expect(await delivering).toMatchObject({ sent: 2, failed: 0, heldBack: 1, handedOver: 1 })
})

test('sends a digest that another process has given back', async () => {
  const program = await compiled(2)
  const ids = await leaseSome(program, 'alive', 1)
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW })
  await waitUntil('the free one to be sent', () => program.mailer.attempts.length === 1)
  await returnDigests(program.state, 'alive', ids)
  expect(await delivering).toMatchObject({ sent: 2, failed: 0, handedOver: 0 })
})

test('returns while the SMTP server is away, and counts the digests that nobody could send as failed', async () => {
  const program = await compiled(40)
  program.mailer.answer = () => ({ outcome: 'unreachable', reply: 'connect ECONNREFUSED' })
  const result = await deliverUntilDone(program.deps, { dueAt: NOW })
  expect(result).toMatchObject({ sent: 0, failed: 40, outage: true })
})

test('a stop ends the wait', async () => {
  const program = await compiled(1)
  await leaseSome(program, 'dead', 1)
  const stop = new AbortController()
  const delivering = deliverUntilDone(program.deps, { dueAt: NOW, signal: stop.signal })
  stop.abort()
  expect(await delivering).toMatchObject({ sent: 0, failed: 0, outage: false })
})

async function compiled(count: number): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  const recipients = Array.from({ length: count }, (_, index) => `reader-${index}@example.com`)
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  return program
}

/** Renews leases as a living process does. */
function keepAlive(program: EmbeddedProgram, ids: readonly string[]): AsyncDisposable {
  let until = NOW + LEASE
  let renewal: Promise<unknown> = Promise.resolve()
  const life = setInterval(() => {
    until += 1
    renewal = renewLeases(program.state, { owner: 'alive', until }, ids)
  }, 50)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(life)
      await renewal
    },
  }
}

async function leaseSome(program: EmbeddedProgram, owner: string, limit: number): Promise<string[]> {
  const leased = await leaseDigests(
    program.state,
    { owner, until: NOW + LEASE },
    { now: NOW, dueAt: NOW, limit },
  )
  return leased.map(digest => digest.digestId)
}
