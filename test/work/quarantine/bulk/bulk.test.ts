import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import { CodedError } from '../../../../src/ground/errors.ts'
import type { AdminViewer, Viewer } from '../../../../src/rules/reach/viewer.ts'
import { heldIdOf } from '../../../../src/work/collect/item-id.ts'
import { beginBulk } from '../../../../src/work/quarantine/bulk/begin-bulk.ts'
import type { BulkRequest } from '../../../../src/work/quarantine/bulk/bulk.ts'
import { bulkProgress } from '../../../../src/work/quarantine/bulk/bulk-progress.ts'
import { takeBulk } from '../../../../src/work/quarantine/bulk/bulk-rows.ts'
import { parseViewer, viewerText } from '../../../../src/work/quarantine/bulk/viewer-text.ts'
import { workOnBulks } from '../../../../src/work/quarantine/bulk/work-on-bulks.ts'
import { heldFor } from '../../../../src/work/quarantine/held-for.ts'
import type { HeldList, HeldListRequest } from '../../../../src/work/quarantine/held-list.ts'
import { listedHeld } from '../../../../src/work/quarantine/listed-held.ts'
import { releaseHeld } from '../../../../src/work/quarantine/release-held.ts'
import { tidy } from '../../../../src/work/tidy/tidy.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold, recipientStatus } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, releaseRow } from '../../../embedded/rows.ts'
import { RELEASED } from '../../../embedded/scripted-transport.ts'
import { adminOf, byLink, signedIn } from '../../../embedded/viewers.ts'
import { policiesWith } from '../../../standard-policies.ts'
import { retryDue } from '../../release/retry-due.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const never = new AbortController().signal

test('releases and deletes what was ticked, with an outcome for each', async () => {
  const { begin, work, progress, hold, transport } = await world()
  await hold('one', { subject: 'First' })
  await hold('banned', { content: 'B' })
  await hold('bobs', { recipient: BOB })
  await hold('two')
  const refs = ['0.one.1', '0.banned.1', '0.bobs.1', '0.gone.1', '0.two', '0.two.1']
  const id = await begin(signedIn(ALICE), { act: 'release', of: { refs }, confirmed: false })
  expect(await progress(signedIn(ALICE), id)).toMatchObject({
    total: 5,
    done: 2,
    isOver: false,
    isCut: false,
  })
  expect(transport.requests).toEqual([])
  await work()
  const { outcomes, ...rest } = await progress(signedIn(ALICE), id)
  expect(rest).toEqual({ act: 'release', total: 5, done: 5, isOver: true, isCut: false, begunAt: NOW })
  expect(outcomes.map(({ ref, status, code }) => [ref, status, code])).toEqual([
    ['0.one.1', 'released', null],
    ['0.banned.1', 'left-out', 'CONFIRMATION_REQUIRED'],
    ['0.bobs.1', 'failed', 'HELD_UNKNOWN'],
    ['0.gone.1', 'failed', 'HELD_UNKNOWN'],
    ['0.two.1', 'released', null],
  ])
  expect(outcomes[0]).toMatchObject({ recipient: ALICE, subject: 'First' })
  expect(outcomes[2]).toMatchObject({ recipient: '', subject: '' })
  const deletion = await begin(signedIn(ALICE), { act: 'delete', of: { refs }, confirmed: false })
  await work()
  expect((await progress(signedIn(ALICE), deletion)).outcomes.map(({ status }) => status)).toEqual([
    'already-released',
    'deleted',
    'failed',
    'failed',
    'already-released',
  ])
})

test('only who began it sees it', async () => {
  const { begin, progress, hold, deps } = await world()
  await hold('one')
  const [row] = await heldFor(deps, signedIn(ALICE), '0.one')
  const id = await begin(signedIn(ALICE), { act: 'delete', of: { refs: ['0.one.1'] }, confirmed: false })
  const others = [signedIn(BOB), byLink(ALICE, row ? heldIdOf(row) : ''), adminOf()]
  for (const viewer of others)
    await expect(progress(viewer, id)).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
  await expect(progress(signedIn(ALICE), 'none')).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
})

test('a link’s list goes no further than the link, also in the background', async () => {
  const { begin, work, progress, hold, deps } = await world()
  await hold('one')
  await hold('other')
  const [row] = await heldFor(deps, signedIn(ALICE), '0.one')
  const viewer = byLink(ALICE, row ? heldIdOf(row) : '', 'another', 'third')
  const refs = ['0.one.1', '0.other.1']
  const id = await begin(viewer, { act: 'release', of: { refs }, confirmed: false })
  await work()
  const { outcomes } = await progress(viewer, id)
  expect(outcomes.map(({ status }) => status)).toEqual(['released', 'failed'])
})

test('a list by a link has to be the button’s once a machine was seen', async () => {
  const { begin, hold, deps, ...program } = await world()
  await hold('one')
  const [row] = await heldFor(deps, signedIn(ALICE), '0.one')
  await insert(program, 'digest_digest', [digestRow('read', ALICE, NOW, { canary_at: NOW })])
  const viewer = byLink(ALICE, row ? heldIdOf(row) : '')
  const request = { act: 'delete', of: { refs: ['0.one.1'] }, confirmed: false } as const
  await expect(begin(viewer, request)).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
  expect(await begin(viewer, { ...request, pressed: true })).toHaveLength(24)
})

test('all that match are those that had come by then, at most a thousand, and no others are touched', async () => {
  const { begin, work, progress, hold, storage } = await world()
  const keys = await Promise.all(['one', 'two', 'three'].map(id => hold(id)))
  const list = { search: SEARCH, order: 'date', direction: 'descending', limit: 25 } as const
  const of = { search: list, at: NOW - MINUTE }
  const id = await begin(signedIn(ALICE), { act: 'delete', of, confirmed: false })
  const [late] = [await hold('late', { receivedAt: NOW })]
  await work()
  expect(await progress(signedIn(ALICE), id)).toMatchObject({ total: 3, done: 3, isOver: true, isCut: false })
  for (const key of keys) expect(await recipientStatus(storage, key)).toBe('D')
  expect((await recipientStatus(storage, late)).trim()).toBe('')
})

test('takes the first thousand of more, and says that there are more', async () => {
  const { deps } = await world()
  const page = (after = '0'): HeldList => ({
    messages: Array.from({ length: 100 }, (_, index) => ({
      recipients: [listed(`0.m${Number(after) + index}.1`)],
      hasMore: false,
    })),
    next: String(Number(after) + 100),
    window: { from: 0, to: NOW },
    lookedBackTo: undefined,
    isCut: false,
  })
  const listHeld = async (_viewer: Viewer, { after }: HeldListRequest) => page(after)
  const list = { search: SEARCH, order: 'date', direction: 'descending', limit: 25 } as const
  const request = { act: 'delete', of: { search: list, at: NOW }, confirmed: false } as const
  const id = await beginBulk({ ...deps, listHeld }, adminOf(), request)
  expect(await bulkProgress(deps, adminOf(), id)).toMatchObject({ total: 1000, done: 0, isCut: true })
})

test('a process that died is replaced once its lease has run out, and nothing is released twice', async () => {
  const { begin, work, progress, hold, deps, transport, time } = await world()
  for (const id of ['one', 'two', 'three']) await hold(id)
  const refs = ['0.one.1', '0.two.1', '0.three.1']
  const id = await begin(signedIn(ALICE), { act: 'release', of: { refs }, confirmed: false })
  // It dies between a release and its note of that.
  const dead = { id, owner: 'dead', until: NOW + 30_000 }
  expect(await takeBulk(deps.state, dead, NOW)).toBe(true)
  await releaseHeld(deps, signedIn(ALICE), '0.one.1', { confirmed: false, again: false })
  await work()
  expect(await progress(signedIn(ALICE), id)).toMatchObject({ done: 0 })
  time.now += 30_000
  await work()
  const { outcomes } = await progress(signedIn(ALICE), id)
  expect(outcomes.map(({ status }) => status)).toEqual(['already-released', 'released', 'released'])
  expect(transport.requests).toHaveLength(3)
})

test('one that amavisd was being asked for when the process died holds up nobody, and is told later', async () => {
  const { begin, work, progress, hold, deps, transport, state, heldIdOfRef } = await world()
  for (const id of ['one', 'two']) await hold(id)
  const dead = releaseRow(await heldIdOfRef('0.one.1'), NOW, {
    state: 'releasing',
    lease_until: NOW + MINUTE,
  })
  await insert({ state }, 'digest_release', [{ ...dead, finished_at: null }])
  const refs = ['0.one.1', '0.two.1']
  const lists = []
  for (const act of ['release', 'delete'] as const)
    lists.push(await begin(signedIn(ALICE), { act, of: { refs }, confirmed: false }))
  await work()
  const [first = '', second = ''] = lists
  const told = async (id: string) =>
    (await progress(signedIn(ALICE), id)).outcomes.map(({ status }) => status)
  expect((await told(first))[0]).toBe('queued')
  expect((await told(second))[0]).toBe('being-released')
  expect(transport.requests.length).toBeLessThanOrEqual(1)
  await retryDue({ ...deps, clock: () => NOW + HOUR })
  expect((await progress(signedIn(ALICE), first)).outcomes[0]).toMatchObject({ code: 'RELEASE_UNCERTAIN' })
})

test('two processes share the lists, and each message is done once', async () => {
  const { begin, hold, deps, transport, progress } = await world()
  const ids = Array.from({ length: 12 }, (_, index) => `m${index}`)
  for (const id of ids) await hold(id)
  const lists = []
  for (const half of [ids.slice(0, 6), ids.slice(4)])
    lists.push(
      await begin(signedIn(ALICE), {
        act: 'release',
        of: { refs: half.map(id => `0.${id}.1`) },
        confirmed: false,
      }),
    )
  const processes = ['first', 'second'].map(owner => workOnBulks({ ...deps, owner }, never))
  await Promise.all(processes)
  for (const id of lists) expect(await progress(signedIn(ALICE), id)).toMatchObject({ isOver: true })
  expect(transport.requests).toHaveLength(12)
})

test('while amavisd is away all are queued at once, and the list says what became of them later', async () => {
  const { begin, work, progress, hold, deps, transport } = await world()
  const ids = Array.from({ length: 8 }, (_, index) => `m${index}`)
  for (const id of ids) await hold(id)
  const refs = ids.map(id => `0.${id}.1`)
  transport.answer = () => ({ outcome: 'unreachable', reply: 'refused', asked: false })
  const id = await begin(signedIn(ALICE), { act: 'release', of: { refs }, confirmed: false })
  await work()
  expect(transport.requests.length).toBeLessThanOrEqual(deps.releasesAtOnce)
  const statuses = async () =>
    (await progress(signedIn(ALICE), id)).outcomes.map(({ status, code }) => `${status} ${code}`)
  expect((await statuses()).every(status => status.startsWith('queued AMAVISD_'))).toBe(true)
  transport.answer = () => RELEASED
  await retryDue({ ...deps, clock: () => NOW + HOUR })
  expect(await statuses()).toEqual(refs.map(() => 'released null'))
})

test('a database or directory that is away leaves the rest for later', async () => {
  const { begin, work, progress, hold, deps } = await world()
  await hold('one')
  const id = await begin(signedIn(ALICE), { act: 'release', of: { refs: ['0.one.1'] }, confirmed: false })
  const directory = {
    find: async () => {
      throw new CodedError('DIRECTORY_UNREACHABLE', 'away')
    },
  }
  await expect(workOnBulks({ ...deps, directory }, never)).rejects.toMatchObject({
    code: 'DIRECTORY_UNREACHABLE',
  })
  expect(await progress(signedIn(ALICE), id)).toMatchObject({ done: 0, isOver: false })
  await work()
  expect(await progress(signedIn(ALICE), id)).toMatchObject({ done: 1, isOver: true })
})

test('who is no reader any more gets nothing done in the background', async () => {
  const { begin, progress, hold, deps, transport } = await world()
  await hold('one')
  const id = await begin(signedIn(ALICE), { act: 'release', of: { refs: ['0.one.1'] }, confirmed: false })
  const directory = { find: async () => new Map([[ALICE, { readers: [], by: [] }]]) }
  await workOnBulks({ ...deps, directory }, never)
  expect((await progress(signedIn(ALICE), id)).outcomes).toMatchObject([
    { status: 'failed', code: 'HELD_UNKNOWN' },
  ])
  expect(transport.requests).toEqual([])
})

test('an admin gets done what they may do now, and not what they might when they began', async () => {
  const { begin, progress, hold, deps, transport } = await world()
  for (const id of ['one', 'two']) await hold(id)
  const of = { refs: ['0.one.1', '0.two.1'] }
  const now: [AdminViewer | undefined, string][] = [
    [undefined, 'OUT_OF_REACH'],
    [adminOf('other.example'), 'HELD_UNKNOWN'],
    [{ ...adminOf(), may: ['read'] }, 'OUT_OF_REACH'],
  ]
  for (const [viewer, code] of now) {
    const id = await begin(adminOf(), { act: 'release', of, confirmed: true })
    await workOnBulks({ ...deps, viewerNow: async () => viewer }, never)
    const { isOver, outcomes } = await progress(adminOf(), id)
    expect({ isOver, codes: outcomes.map(outcome => outcome.code) }).toEqual({
      isOver: true,
      codes: [code, code],
    })
  }
  expect(transport.requests).toEqual([])
})

test('takes up the first thousand of what is ticked, and says that there is more', async () => {
  const { begin, progress } = await world()
  const refs = Array.from({ length: 1001 }, (_, index) => `0.m${index}.1`)
  const id = await begin(adminOf(), { act: 'delete', of: { refs }, confirmed: false })
  expect(await progress(adminOf(), id)).toMatchObject({ total: 1000, isCut: true })
})

test('refuses nothing, and too many lists', async () => {
  const { begin, hold } = await world()
  await hold('one')
  const ticked = (refs: readonly string[]): BulkRequest => ({ act: 'delete', of: { refs }, confirmed: false })
  await expect(begin(adminOf(), ticked([]))).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  const reader = { ...adminOf(), may: ['read'] as const }
  await expect(begin(reader, ticked(['0.one']))).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  for (let list = 0; list < 5; list += 1) await begin(adminOf(), ticked(['0.one']))
  await expect(begin(adminOf(), ticked(['0.one']))).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  await begin(signedIn(ALICE), ticked(['0.one']))
})

test('is forgotten after a week', async () => {
  const { begin, hold, deps, rows, work } = await world()
  await hold('one')
  const request = { act: 'delete', of: { refs: ['0.one.1'] }, confirmed: false } as const
  for (let list = 0; list < 3; list += 1) await begin(signedIn(ALICE), request)
  await work()
  await tidy({ ...deps, clock: () => NOW + 6 * DAY })
  expect(await rows('digest_bulk')).toHaveLength(3)
  await tidy({ ...deps, clock: () => NOW + 8 * DAY })
  expect(await rows('digest_bulk')).toEqual([])
  expect(await rows('digest_bulk_row')).toEqual([])
})

test('what limits a viewer survives their row in our table', () => {
  for (const viewer of [
    signedIn(ALICE),
    byLink(ALICE),
    byLink(ALICE, 'a', 'b'),
    adminOf(),
    adminOf('example.com'),
  ])
    expect(parseViewer(viewerText(viewer))).toEqual({ ...viewer })
  for (const text of [
    '',
    'null',
    '{}',
    '{"as":"admin","actor":{"kind":"admin","name":"x","remoteAddress":null},"may":["read"]}',
  ])
    expect(parseViewer(text)).toBeUndefined()
})

const SEARCH = { texts: [], kinds: [], states: [], scores: [], sizes: [] }

const listed = (ref: string) => ({ ref, heldId: 'x', recipient: ALICE, subject: '' }) as never

test('of several, an admin is asked for those that have to be asked for, if that is confirmed', async () => {
  const { begin, work, progress, hold, deps, transport } = await world()
  Object.assign(deps.policies, policiesWith({ banned: 'request' }))
  await hold('one')
  await hold('banned', { content: 'B' })
  const refs = ['0.one.1', '0.banned.1']
  const statuses = async (confirmed: boolean) => {
    const id = await begin(signedIn(ALICE), { act: 'release', of: { refs }, confirmed })
    await work()
    return (await progress(signedIn(ALICE), id)).outcomes.map(({ status }) => status)
  }
  expect(await statuses(false)).toEqual(['released', 'left-out'])
  expect(await statuses(true)).toEqual(['already-released', 'requested'])
  expect(transport.requests).toHaveLength(1)
})

async function world() {
  const program = await embeddedProgram()
  const { storage } = program
  const held: string[] = []
  /** What is there, as a list of one page would give it. */
  const listHeld = async (viewer: Viewer, { search }: HeldListRequest): Promise<HeldList> => {
    const rows = (await Promise.all(held.map(ref => heldFor(program.deps, viewer, ref)))).flat()
    const found = rows.filter(({ receivedAt }) => receivedAt < (search.before ?? 0))
    const listed = await listedHeld(program.deps, viewer, found)
    return {
      messages: listed.map(one => ({ recipients: [one], hasMore: false })),
      next: undefined,
      window: { from: 0, to: NOW },
      lookedBackTo: undefined,
      isCut: false,
    }
  }
  const deps = { ...program.deps, listHeld, viewerNow: async (viewer: Viewer) => viewer }
  return {
    ...program,
    deps,
    begin: (viewer: Viewer, request: BulkRequest) => beginBulk(deps, viewer, request),
    progress: (viewer: Viewer, id: string) => bulkProgress(deps, viewer, id),
    work: () => workOnBulks(deps, never),
    async heldIdOfRef(ref: string) {
      const [row] = await heldFor(deps, adminOf(), ref)
      return row ? heldIdOf(row) : ''
    },
    async hold(mailId: string, spec: Partial<Parameters<typeof hold>[1]> = {}) {
      const [key] = await hold(storage, { recipient: ALICE, receivedAt: NOW - HOUR, mailId, ...spec })
      if (!key) throw new Error('nothing is held')
      held.push(`0.${mailId}.1`)
      return key
    },
  }
}
