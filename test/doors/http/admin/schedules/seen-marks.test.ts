import { expect, test } from 'vitest'
import { seenIn, seenMark } from '../../../../../src/doors/http/admin/schedules/seen-marks.ts'

test('the marks that a form sends back are read', () => {
  const settings = [
    { scope: '"a b"@example.com', version: 7 },
    { scope: '@example.org', version: 1_073_741_824 },
  ]
  expect([...seenIn(formWith(settings.map(seenMark)))]).toEqual(
    settings.map(({ scope, version }) => [scope, version]),
  )
})

test('malformed marks are ignored', () => {
  const marks = ['', '7', ' @example.org', '-1 @example.org', '1e3 @example.org', `${'9'.repeat(16)} @`]
  expect(seenIn(formWith(marks)).size).toBe(0)
})

function formWith(marks: readonly string[]): URLSearchParams {
  const form = new URLSearchParams()
  for (const mark of marks) form.append('seen', mark)
  return form
}
