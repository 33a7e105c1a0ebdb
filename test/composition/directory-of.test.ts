import { expect, test } from 'vitest'
import { directoryOf } from '../../src/composition/directory-of.ts'
import { configSchema } from '../../src/ground/config/schema.ts'

test('where nothing else is asked for, each address reads its own mail', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = directoryOf(
    configSchema.pick({ directory: true, storage: true }).parse({ storage: { url: 'sqlite:///nowhere' } }),
    stack,
  )
  const answers = await directory.find(['alice@example.com'])
  expect(answers.get('alice@example.com')).toMatchObject({ readers: [{ address: 'alice@example.com' }] })
})
