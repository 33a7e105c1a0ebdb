import { expect, test } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { failureOf } from '../../../src/ground/health/failure.ts'

test.each([
  'As a database admin: GRANT x;',
  'As root: chown -h amavis-digest: /k',
  'Run: chmod 600 /k',
  "Run the program as that user, or let the file's group share it: chmod g+rw /a",
])('what a message tells to do is what mends it: %s', fix => {
  const error = new CodedError('KEY_FILE_INVALID', `It cannot be read. ${fix}`)
  expect(failureOf(error)).toMatchObject({ message: 'It cannot be read.', fix })
})

test('a key file that has no key in it has a remedy, too', () => {
  expect(failureOf(new CodedError('KEY_FILE_INVALID', 'It has no key.')).fix).toContain('from a backup')
})

test('a file that our user may not read is no unexpected failure', () => {
  const { message, fix } = failureOf(new Error("EACCES: permission denied, scandir '/templates'"))
  expect(message).toBe("our user may not read it: EACCES: permission denied, scandir '/templates'")
  expect(fix).toContain('as that user')
})
