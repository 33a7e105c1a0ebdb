import { expect, test } from 'vitest'
import { retentionOf } from '../../../src/ground/amavis/retention.ts'
import { DAY } from '../../../src/ground/durations.ts'
import { promiseWarnings } from '../../../src/work/purge/promise-warnings.ts'
import { STANDARD_POLICIES } from '../../standard-policies.ts'

const warnings = (retention: ReturnType<typeof retentionOf>) =>
  promiseWarnings({ retention, lifetime: 14 * DAY, policies: STANDARD_POLICIES })

test('links that live longer than the mail they lead to are named with the kinds', () => {
  expect(warnings(retentionOf(30 * DAY))).toEqual([])
  expect(warnings(retentionOf(30 * DAY, { spam: 7 * DAY }))).toEqual([
    expect.stringMatching(/^links\.lifetime is 14d, .* of the kinds spam for 7d only/),
  ])
})

test('what no digest lists needs no link', () => {
  expect(warnings(retentionOf(30 * DAY, { virus: DAY }))).toEqual([])
})
