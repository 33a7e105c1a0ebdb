import { expect, test } from 'vitest'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { requireRendered } from '../../../../src/work/digest/send/unrendered.ts'
import { NOW } from '../../../embedded/clock.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert } from '../../../embedded/rows.ts'

test('a digest that cannot be rendered waits with a reason, until it can be', async () => {
  const program = await embeddedProgram()
  const { deps, time } = program
  const pending = { state: 'pending', item_count: 0, attempts: 0, finished_at: null, reply: null } as const
  await insert(program, 'digest_digest', [digestRow('1', 'alice@example.com', NOW, pending)])
  await requireRendered(program.state)

  const broken = { ...deps, template: () => Promise.reject(new Error('"misspelt" not defined')) }
  expect(await deliver(broken, { dueAt: time.now })).toMatchObject({ sent: 0, failed: 1 })
  await expect(requireRendered(program.state)).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
    message: expect.stringContaining('"misspelt" not defined'),
  })

  time.now += 3_600_000
  expect(await deliver(deps, { dueAt: time.now })).toMatchObject({ sent: 1 })
  await requireRendered(program.state)
})
