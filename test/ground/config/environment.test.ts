import { expect, test } from 'vitest'
import { readEnvironment } from '../../../src/ground/config/environment.ts'

test('an option set twice, by its value and by a file, is a fault that shows neither value', () => {
  const { faults } = readEnvironment({
    AMAVIS_DIGEST_STORAGE_URL: 'mysql://user:hidden-word@db/amavis',
    AMAVIS_DIGEST_STORAGE_URL_FILE: '/run/secrets/storage-url',
  })
  expect(faults).toEqual([
    {
      place: 'AMAVIS_DIGEST_STORAGE_URL_FILE',
      message: 'sets the same option as AMAVIS_DIGEST_STORAGE_URL; expected one of them',
    },
  ])
})

test('a secret in place of the path of its file is not shown', () => {
  const { faults } = readEnvironment({ AMAVIS_DIGEST_STORAGE_URL_FILE: 'mysql://user:hidden-word@db/amavis' })
  expect(faults).toEqual([
    {
      place: 'AMAVIS_DIGEST_STORAGE_URL_FILE',
      message: 'cannot read the file: expected the path of a file, found the secret itself',
    },
  ])
})
