import { expect, test } from 'vitest'
import { recordAudits } from '../../../src/ground/audit/record.ts'
import { chunks } from '../../../src/ground/database/chunks.ts'
import { DAY } from '../../../src/ground/durations.ts'
import { tidy } from '../../../src/work/tidy/tidy.ts'
import { embeddedProgram } from '../../embedded/program.ts'

test('the audit is deleted in small batches after the time in the configuration', async () => {
  const { deps, state, time, rows, statements } = await embeddedProgram()
  const entry = { actor: { kind: 'reader', name: 'alice@example.com', remoteAddress: null } } as const
  const old = Array.from(
    { length: 1_100 },
    () => ({ ...entry, action: 'release', outcome: 'released' }) as const,
  )
  for (const chunk of chunks(old)) await recordAudits(state, chunk, time.now - 31 * DAY)
  await recordAudits(state, [{ ...entry, action: 'pause', outcome: 'done' }], time.now - 29 * DAY)
  statements.length = 0
  await tidy({ ...deps, auditKeptFor: 30 * DAY })
  expect(await rows('digest_audit')).toMatchObject([{ action: 'pause' }])
  expect(statements.filter(statement => /delete from "digest_audit"/.test(statement))).toHaveLength(3)
})

test('clicks are deleted after 90 days, and expired rows soon, however many there are', async () => {
  const { deps, state, time, rows, statements } = await embeddedProgram()
  const click = (at: number, index: number) => ({
    click_id: `click-${at}-${index}`,
    at,
    digest_id: null,
    domain: 'example.com',
    page: 'release' as const,
    method: 'GET',
    after_ms: null,
  })
  const old = Array.from({ length: 1_200 }, (_, index) => click(time.now - 91 * DAY, index))
  for (const chunk of chunks([...old, click(time.now - 89 * DAY, 0)])) {
    await state.sql
      .insertInto('digest_click')
      .values([...chunk])
      .execute()
  }
  const session = (hash: string, expiresAt: number) => ({
    session_hash: hash,
    kind: 'admin' as const,
    admin: 'root@example.com',
    created_at: 0,
    seen_at: 0,
    expires_at: expiresAt,
  })
  const signIn = (hash: string, expiresAt: number) => ({
    token_hash: hash,
    kind: 'reader' as const,
    admin: 'root@example.com',
    browser_hash: 'browser',
    created_at: 0,
    expires_at: expiresAt,
    used_at: null,
  })
  const request = (id: string, expiresAt: number) => ({
    request_id: id,
    reader: 'alice@example.com',
    deliver_to: 'alice@example.org',
    moves_from: 'alice@example.com',
    requested_at: 0,
    expires_at: expiresAt,
    used_at: null,
  })
  const [past, present] = [time.now - 8 * DAY, time.now + 1]
  await state.sql
    .insertInto('digest_session')
    .values([session('old', past), session('new', present)])
    .execute()
  await state.sql
    .insertInto('digest_sign_in')
    .values([signIn('old', past), signIn('new', present)])
    .execute()
  await state.sql
    .insertInto('digest_destination')
    .values([request('old', past), request('new', present)])
    .execute()
  statements.length = 0
  await tidy(deps)
  expect(statements.filter(statement => /delete from "digest_click"/.test(statement))).toHaveLength(3)
  expect(await rows('digest_click')).toMatchObject([{ at: time.now - 89 * DAY }])
  expect(await rows('digest_session')).toMatchObject([{ session_hash: 'new' }])
  expect(await rows('digest_sign_in')).toMatchObject([{ token_hash: 'new' }])
  expect(await rows('digest_destination')).toMatchObject([{ request_id: 'new' }])
})
