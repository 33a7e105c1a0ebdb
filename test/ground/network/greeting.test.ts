import { expect, test } from 'vitest'
import { isFilter } from '../../../src/ground/network/greeting.ts'

test.each([
  '220 [127.0.0.1] ESMTP amavisd-new service ready',
  '220 mx.example.com ESMTP amavis service ready',
])('%s is the greeting of a filter', line => {
  expect(isFilter({ kind: 'said', line })).toBe(true)
})

test.each([
  '220 amavis.example.com ESMTP Postfix',
  '220 localhost ESMTP amavis-digest demo',
  '220 mx.example.com ESMTP Postfix (amavisd)',
])('%s is that of a mail server, whatever its name', line => {
  expect(isFilter({ kind: 'said', line })).toBe(false)
})
