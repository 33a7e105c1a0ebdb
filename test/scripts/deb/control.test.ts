import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { debianVersion } from '../../../scripts/deb/control.ts'

test('a version before a release is older than the release for dpkg too', () => {
  expect(debianVersion('1.0.0')).toBe('1.0.0')
  for (const [older, newer] of [
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0-rc.1', '1.0.0-rc.2'],
    ['1.0.0', '1.0.1-rc.1'],
  ] as const) {
    // It ends with 1 if that is not so.
    execFileSync('dpkg', ['--compare-versions', debianVersion(older), 'lt', debianVersion(newer)])
  }
})
