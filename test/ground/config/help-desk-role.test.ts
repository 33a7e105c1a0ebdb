import { expect, test } from 'vitest'
import { configSchema } from '../../../src/ground/config/schema.ts'

test.each([
  [{ role: 'helpDesk' }, []],
  [{ role: 'helpDesk', release: true, domains: ['example.com'] }, []],
  [{ role: 'helpDesk', download: true }, ['admins.0.download']],
  [{ role: 'helpDesk', requests: true }, ['admins.0.requests']],
  [{ release: true }, ['admins.0.release']],
  [{ role: 'admin', release: false }, ['admins.0.release']],
])('an admin with %j has the faults %j', (rights, faults) => {
  expect(faultsOf({ admins: [{ address: 'help@example.com', ...rights }] })).toEqual(faults)
})

test('a report needs an address to go to', () => {
  expect(faultsOf({ learn: { kind: 'report' } })).toEqual(['learn.notSpam', 'learn.spam'])
  expect(faultsOf({ learn: { kind: 'report', spam: 'spam@learn.example' } })).toEqual([])
})

/** The paths of the faults below `admins` and `learn`. */
const faultsOf = (settings: object): string[] =>
  (configSchema.safeParse(settings).error?.issues ?? [])
    .map(({ path }) => path.join('.'))
    .filter(path => /^(?:admins|learn)/.test(path))
