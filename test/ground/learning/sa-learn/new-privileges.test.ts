import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasNoNewPrivileges } from '../../../../src/ground/learning/sa-learn/new-privileges.ts'

test('a process under NoNewPrivileges=yes is told from one that may use sudo', () => {
  const restricted = execFileSync('setpriv', ['--no-new-privs', 'cat', '/proc/self/status'], {
    encoding: 'utf8',
  })
  expect(hasNoNewPrivileges(restricted)).toBe(true)
  expect(hasNoNewPrivileges(restricted.replace(/^(NoNewPrivs:\s*)1$/m, '$10'))).toBe(false)
})

test('the packaged units are such: the guide says what to do under them', () => {
  const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
  expect(read('packaging/amavis-digest.service')).toMatch(/^NoNewPrivileges=yes$/m)
  expect(read('docs/guides/requests.md')).toContain('NoNewPrivileges=yes')
})
