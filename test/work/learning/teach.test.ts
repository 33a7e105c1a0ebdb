import { expect, test } from 'vitest'
import { learningDesk } from '../../../src/desks/learning/learning-desk.ts'
import { Gate } from '../../../src/ground/concurrency/gate.ts'
import { HOUR, SECOND } from '../../../src/ground/durations.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import type { FilterTeacher, Verdict } from '../../../src/ground/learning/filter-teacher.ts'
import { helpDeskViewer } from '../../../src/rules/reach/admins.ts'
import type { Viewer } from '../../../src/rules/reach/viewer.ts'
import { verdictsOn } from '../../../src/work/learning/lesson.ts'
import { teach } from '../../../src/work/learning/teach.ts'
import { releaseHeld } from '../../../src/work/quarantine/release-held.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { signedIn } from '../../embedded/viewers.ts'

const ALICE = 'alice@example.com'
const REF = '0.spam.1'

test.each([
  ['spam', 'released', ['notSpam', 'spam']],
  ['badHeader', 'released', ['spam']],
  ['spam', 'held', []],
  ['spam', 'deleted', []],
  ['virus', 'released', []],
  ['banned', 'released', []],
] as const)('of %s that is %s, %j can be said', (kind, state, verdicts) => {
  expect(verdictsOn({ kind, state })).toEqual(verdicts)
})

test('a release alone teaches nothing', async () => {
  const { deps, taught, lessons } = await world('')
  await releaseHeld(deps, signedIn(ALICE), REF, { confirmed: true, again: false })
  expect(taught).toEqual([])
  expect(await lessons()).toEqual([])
})

test('the last word counts, the same word is said once, and each is in the audit', async () => {
  const { say, taught, audit } = await world()
  expect(await say('notSpam')).toMatchObject({ verdict: 'notSpam', state: 'taught', by: ALICE })
  await say('notSpam')
  expect(await say('spam')).toMatchObject({ verdict: 'spam', state: 'taught' })
  expect(taught).toEqual(['notSpam', 'spam'])
  expect(await audit()).toEqual([
    [ALICE, 'learn-not-spam', 'taught'],
    [ALICE, 'learn-spam', 'taught'],
  ])
})

test('of several who say the same at once, one teaches, and all get the answer', async () => {
  const { say, taught } = await world()
  const said = await Promise.all(Array.from({ length: 5 }, () => say('spam')))
  expect(said.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'taught'))
  expect(taught).toEqual(['spam'])
})

test('what failed is in the audit, and can be said again', async () => {
  const { say, fail, taught, audit } = await world()
  fail(new CodedError('LEARN_FAILED', 'sa-learn ended with 2'))
  await expect(say('spam')).rejects.toMatchObject({ code: 'LEARN_FAILED' })
  fail(undefined)
  expect(await say('spam')).toMatchObject({ state: 'taught' })
  expect(taught).toEqual(['spam'])
  expect((await audit()).map(([, , outcome]) => outcome)).toEqual(['LEARN_FAILED', 'taught'])
})

test.each([
  ['what is still held', '', 'S', 'POLICY_REFUSED'],
  ['a virus', 'R', 'V', 'POLICY_REFUSED'],
  ['a banned file', 'R', 'B', 'POLICY_REFUSED'],
])('%s teaches nothing', async (_, rs, content, code) => {
  const { say, taught } = await world(rs, content)
  await expect(say('spam')).rejects.toMatchObject({ code })
  expect(taught).toEqual([])
})

test('nobody but the reader and admins teaches: not the help desk, not another reader', async () => {
  const { say } = await world()
  const helper = { kind: 'admin', address: 'help@example.com', mailTo: 'help@example.com' } as const
  const viewer = helpDeskViewer(
    { ...helper, reach: undefined, may: ['read', 'release'], role: 'helpDesk' },
    ALICE,
    null,
  )
  await expect(say('spam', viewer)).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  await expect(say('spam', signedIn('bob@example.com'))).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
})

test('what a process was telling the filter when it died is offered and can be said again, but not before', async () => {
  const { deps, say, taught, lessons } = await world()
  await say('spam')
  const beginsAt = (at: number) =>
    deps.state.sql.updateTable('digest_lesson').set({ state: 'asked', at }).execute()
  const offered = async () => {
    const [row] = await lessons()
    const message = { ref: REF, heldId: row?.held_id ?? '', kind: 'spam', state: 'released' } as const
    return (await learningDesk(deps).offers(signedIn(ALICE), [message])).get(REF)?.lesson?.state
  }
  await beginsAt(deps.clock() - 34 * SECOND)
  expect(await offered()).toBe('asked')
  await beginsAt(deps.clock() - 36 * SECOND)
  expect(await offered()).toBe('failed')
  await say('spam')
  expect(taught).toEqual(['spam', 'spam'])
  expect(await offered()).toBe('taught')
})

test('where nobody learns, nobody is told', async () => {
  const { deps } = await world()
  const off = { ...deps, teacher: undefined }
  await expect(teach(off, signedIn(ALICE), REF, { verdict: 'spam' })).rejects.toMatchObject({
    code: 'LEARN_OFF',
  })
})

/** A released message, and a filter that remembers what it was told. */
async function world(rs = 'R', content = 'S') {
  const program = await embeddedProgram()
  const taught: Verdict[] = []
  let failure: Error | undefined
  const teacher: FilterTeacher = {
    verdicts: ['notSpam', 'spam'],
    patience: 5000,
    probe: async () => undefined,
    async teach(_, verdict) {
      if (failure) throw failure
      taught.push(verdict)
    },
  }
  const [held] = await hold(program.storage, {
    recipient: ALICE,
    mailId: 'spam',
    rseqnum: 1,
    content,
    receivedAt: NOW - HOUR,
  })
  if (held && rs) await updateRecipient(program.storage, held, { rs })
  const reading = {
    messages: {} as never,
    turns: new Gate(1),
    mostOctets: 1000,
    readersSeeHeaders: false,
    teacher,
  }
  const deps = { ...program.deps, ...reading }
  return {
    deps,
    taught,
    fail: (error: Error | undefined) => {
      failure = error
    },
    say: (verdict: Verdict, viewer: Viewer = signedIn(ALICE)) => teach(deps, viewer, REF, { verdict }),
    lessons: () => program.deps.state.sql.selectFrom('digest_lesson').selectAll().execute(),
    audit: async () => {
      const rows = await program.deps.state.sql
        .selectFrom('digest_audit')
        .select(['actor', 'action', 'outcome'])
        .orderBy('at')
        .execute()
      return rows.map(({ actor, action, outcome }) => [actor, action, outcome])
    },
  }
}
