import { expect, test } from 'vitest'
import { directoryOf } from '../../src/composition/directory-of.ts'
import { configSchema } from '../../src/ground/config/schema.ts'

test('where nothing else is asked for, each address reads its own mail', async () => {
  const directory = directoryOf(configSchema.pick({ directory: true }).parse({}))
  expect(await directory.readersOf(['Alice@Example.com'])).toEqual(
    new Map([['Alice@Example.com', 'alice@example.com']]),
  )
})
