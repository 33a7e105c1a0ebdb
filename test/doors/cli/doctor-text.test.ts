import { expect, test } from 'vitest'
import { doctorJson, doctorText } from '../../../src/doors/cli/doctor-text.ts'
import type { Examined } from '../../../src/work/doctor/run-checks.ts'

const EXAMINED: readonly Examined[] = [
  {
    group: 'Storage',
    id: 'storage.a',
    status: 'fail',
    message: 'it is\u001B[31m broken',
    fix: 'mend it\nthen look',
  },
  { group: 'Storage', id: 'storage.b', status: 'skip', message: 'not looked at', fix: undefined },
  { group: 'Storage', id: 'storage.c', status: 'skip', message: 'not looked at', fix: undefined },
  { group: 'State', id: 'state.a', status: 'ok', message: 'fine', fix: undefined },
  { group: 'State', id: 'state.b', status: 'warn', message: 'so so', fix: 'better so' },
]

test('what is worst stands last, with its fix below and nothing that affects a terminal', () => {
  expect(doctorText(EXAMINED).replaceAll(/\p{Cc}(?<!\n)/gu, '?')).toBe(
    [
      'State',
      '  ✓ ok   state.a: fine',
      '  ! warn state.b: so so',
      '      better so',
      '',
      'Storage',
      '  – skip storage.b, storage.c: not looked at',
      '  ✗ FAIL storage.a: it is[31m broken',
      '      mend it',
      '      then look',
      '',
      '1 thing does not work, 1 warning, 1 fine, 2 not looked at.',
    ].join('\n'),
  )
})

test('the JSON has the keys that scripts rely on', () => {
  expect(doctorJson(EXAMINED.slice(3))).toEqual({
    ok: true,
    checks: [
      { id: 'state.a', status: 'ok', message: 'fine', fix: null },
      { id: 'state.b', status: 'warn', message: 'so so', fix: 'better so' },
    ],
  })
  expect(doctorJson(EXAMINED)).toMatchObject({ ok: false })
})
