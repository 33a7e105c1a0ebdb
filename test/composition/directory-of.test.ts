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

test('a directory server is asked where it is configured', async () => {
  await using stack = new AsyncDisposableStack()
  const options = { kind: 'ldap', url: 'ldap://127.0.0.1:1', base: 'dc=example,dc=com' }
  const directory = directoryOf(
    configSchema
      .pick({ directory: true, storage: true })
      .parse({ storage: { url: 'sqlite:///nowhere' }, directory: options }),
    stack,
  )
  await expect(directory.find(['alice@example.com'])).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
})
