import { expect, test } from 'vitest'
import { findAudit } from '../../../../src/desks/admin/changes/find-changes.ts'
import { type AuditEntry, recordAudit } from '../../../../src/ground/audit/record.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

test('lists what was done, newest first; for some domains, only what concerned them', async () => {
  const program = await embeddedProgram()
  const record = (entry: Pick<AuditEntry, 'action' | 'recipient'>) => {
    program.time.now += 1000
    const actor = { kind: 'admin', name: 'root@example.com', remoteAddress: null } as const
    return recordAudit(program.state, { actor, outcome: 'changed', ...entry }, program.time.now)
  }
  await record({ action: 'schedule-set' })
  await record({ action: 'settings-set', recipient: '@example.org' })
  await record({ action: 'send-now', recipient: 'alina@example.org' })
  await record({ action: 'pause', recipient: 'alice@example.com' })
  const actions = async (reach?: readonly string[]) =>
    (await findAudit(program.deps, reach, { limit: 10 })).rows.map(({ action }) => action)
  expect(await actions()).toEqual(['pause', 'send-now', 'settings-set', 'schedule-set'])
  expect(await actions(['example.org'])).toEqual(['send-now', 'settings-set'])
  const first = await findAudit(program.deps, undefined, { limit: 3 })
  const rest = await findAudit(program.deps, undefined, { limit: 3, after: first.next })
  expect(rest.rows.map(({ action }) => action)).toEqual(['schedule-set'])
  expect(rest.next).toBeUndefined()
})

test('a domain’s admin finds its recipients in any spelling, and those whose mail its readers read', async () => {
  const program = await embeddedProgram()
  const record = (entry: Pick<AuditEntry, 'recipient' | 'reader'>) => {
    const actor = { kind: 'reader', name: 'bob', remoteAddress: null } as const
    return recordAudit(
      program.state,
      { actor, action: 'release', outcome: 'released', ...entry },
      program.time.now,
    )
  }
  await record({ recipient: 'Bob@bücher.example' })
  await record({ recipient: '@BÜCHER.example' })
  await record({ recipient: 'Sales@Example.COM', reader: 'bob@xn--bcher-kva.example' })
  await record({ recipient: 'carol@example.com' })
  const found = async (...reach: string[]) =>
    (await findAudit(program.deps, reach, { limit: 10 })).rows.map(({ recipient }) => recipient).sort()
  expect(await found('xn--bcher-kva.example')).toEqual([
    '@BÜCHER.example',
    'Bob@bücher.example',
    'Sales@Example.COM',
  ])
  expect(await found('example.com')).toEqual(['carol@example.com'])
})

test('the list can be limited to what concerned one reader or one domain', async () => {
  const program = await embeddedProgram()
  const actor = { kind: 'admin', name: 'root', remoteAddress: null } as const
  for (const recipient of ['Alice@example.com', '@example.com', 'bob@example.org']) {
    await recordAudit(program.state, { actor, action: 'pause', outcome: 'done', recipient }, program.time.now)
  }
  const found = async (reader: string, reach?: readonly string[]) =>
    (await findAudit(program.deps, reach, { limit: 10, reader })).rows.map(({ recipient }) => recipient)
  expect(await found('ALICE@example.com')).toEqual(['Alice@example.com'])
  expect((await found('@example.com')).sort()).toEqual(['@example.com', 'Alice@example.com'])
  await expect(found('@example.com', ['example.org'])).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  await expect(found('nobody')).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('a line written by an earlier version is found by its recipient', async () => {
  const program = await embeddedProgram()
  const actor = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const entry = { actor, action: 'pause', outcome: 'done', recipient: 'alice@example.com' } as const
  await recordAudit(program.state, entry, program.time.now)
  await program.state.sql.updateTable('digest_audit').set({ reader: null, digest_id: null }).execute()
  expect((await findAudit(program.deps, ['example.com'], { limit: 10 })).rows).toHaveLength(1)
})
