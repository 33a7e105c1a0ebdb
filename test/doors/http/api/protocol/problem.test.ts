import { expect, test } from 'vitest'
import { problemOf } from '../../../../../src/doors/http/api/protocol/problem.ts'
import { CodedError } from '../../../../../src/ground/errors.ts'

test('an API caller learns why the lists or the filter refused, but not why a database failed', () => {
  const detailOf = (code: 'SENDERS_REFUSED' | 'LEARN_FAILED' | 'DATABASE_REFUSED') =>
    problemOf(new CodedError(code, 'the remote user lacks mail_policy')).detail
  expect(detailOf('SENDERS_REFUSED')).toBe('the remote user lacks mail_policy')
  expect(detailOf('LEARN_FAILED')).toBe('the remote user lacks mail_policy')
  expect(detailOf('DATABASE_REFUSED')).toContain("The server's log says why")
})
