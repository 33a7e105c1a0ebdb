import { expect, test } from 'vitest'
import { runByHand } from '../../src/digest/run-by-hand.ts'
import { NOW } from '../embedded/clock.ts'
import { editorFor, ROOT } from '../embedded/editors.ts'
import { hold } from '../embedded/held-mail.ts'
import { embeddedProgram, HOUR } from '../embedded/program.ts'

test('a run for named readers is in the audit of each of them, without what the others got', async () => {
  const { deps, rows, storage } = await embeddedProgram()
  await hold(storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  const readers = ['alice@example.com', 'bob@example.com']
  const by = editorFor(['example.com'], 'a key')
  expect(await runByHand(deps, by, { schedule: undefined, readers })).toMatchObject({ digests: 1 })
  const entry = { actor: 'a key', action: 'run', outcome: 'made' }
  expect(await rows('digest_audit')).toMatchObject([
    { ...entry, recipient: null, detail: '1 digests of 1 messages for 2 readers' },
    ...readers.map(recipient => ({ ...entry, recipient, detail: null })),
  ])
})

test('a run for one reader tells what became of it', async () => {
  const { deps, rows } = await embeddedProgram()
  await runByHand(deps, ROOT, { schedule: undefined, readers: ['bob@example.com', 'bob@example.com'] })
  expect(await rows('digest_audit')).toMatchObject([
    { recipient: 'bob@example.com', detail: '0 digests of 0 messages for one reader' },
  ])
})

test('a run for all is one line of the audit', async () => {
  const { deps, rows } = await embeddedProgram()
  await runByHand(deps, ROOT, { schedule: undefined, readers: undefined })
  expect(await rows('digest_audit')).toMatchObject([
    { action: 'run', recipient: null, detail: '0 digests of 0 messages for all readers' },
  ])
})
