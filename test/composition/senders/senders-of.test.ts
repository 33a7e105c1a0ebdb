import { expect, test } from 'vitest'
import { sendersOf } from '../../../src/composition/senders/senders-of.ts'
import { configSchema } from '../../../src/ground/config/schema.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { adminOf } from '../../embedded/viewers.ts'

test('the domain from which digests come is everybody’s own: no entry lets it in as a whole', async () => {
  const { deps: sharedDeps } = await embeddedProgram()
  const config = configSchema.parse({
    storage: { url: 'sqlite::memory:' },
    state: { url: 'sqlite::memory:' },
    publicUrl: 'https://digest.example.com',
    smtp: { url: 'smtp://127.0.0.1:10025', from: 'Mail quarantine <quarantine@Example.com>' },
    senders: { kind: 'amavis', url: 'sqlite::memory:' },
  })
  await using stack = new AsyncDisposableStack()
  const senders = sendersOf(config, { sharedDeps }, stack)
  for (const sender of ['@example.com', '@.example.com', '@mail.example.com'])
    await expect(senders.effect(adminOf(), '@.', { sender, list: 'allow' })).rejects.toMatchObject({
      code: 'SENDER_INVALID',
      message: expect.stringContaining('your own domain'),
    })
})
