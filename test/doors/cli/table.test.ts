import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { localTime } from '../../../src/doors/cli/local-time.ts'
import { table } from '../../../src/doors/cli/table.ts'

test('a table that fits has each row in one line', () => {
  expect(table(['ID', 'READER', 'N'], [['a', 'alice@example.com', '1']], 80)).toBe(
    '  ID  READER             N\n  a   alice@example.com  1',
  )
})

test('the header is in capitals, and a terminal without a width counts as one of 80 columns', () => {
  const columns = Object.getOwnPropertyDescriptor(process.stdout, 'columns')
  Object.defineProperty(process.stdout, 'columns', { value: 0, configurable: true })
  try {
    expect(table(['id', 'Goes to'], [['a', 'alice@example.com']])).toBe(
      '  ID  GOES TO\n  a   alice@example.com',
    )
  } finally {
    if (columns) Object.defineProperty(process.stdout, 'columns', columns)
    else Reflect.deleteProperty(process.stdout, 'columns')
  }
})

test('wide letters count twice, and marks on other letters not at all', () => {
  const rows = [
    ['山田 太郎', 'x'],
    ['👩‍👧 ok', 'x'],
    ['Zoe\u0308', 'x'],
    ['ｱ한글', 'x'],
    ['🇫🇷', 'x'],
  ]
  expect(table(['NAME', ''], rows, 80).split('\n')).toEqual([
    '  NAME',
    '  山田 太郎  x',
    '  👩‍👧 ok      x',
    '  Zoe\u0308        x',
    '  ｱ한글      x',
    '  🇫🇷         x',
  ])
})

test('long cells are wrapped between their words if that suffices', () => {
  const row = ['a', 'one two three four five six seven', 'done']
  expect(table(['ID', 'WHAT WAS SAID', 'STATE'], [row], 30)).toBe(
    [
      '  ID  WHAT WAS SAID      STATE',
      '  a   one two three      done',
      '      four five six',
      '      seven',
    ].join('\n'),
  )
})

test('otherwise the columns are wrapped, and ids and times stay whole', () => {
  const row = [
    '1k8k9dhd60civ711pk8eedq7i',
    'alice@example.com',
    '2026-03-11T06:00:00+01:00',
    '8',
    '452 Mailbox full',
  ]
  expect(table(['ID', 'READER', 'MADE', 'ATTEMPTS', 'LAST REPLY'], [row], 60)).toBe(
    [
      '  ID                         READER',
      '    MADE                       ATTEMPTS  LAST REPLY',
      '  1k8k9dhd60civ711pk8eedq7i  alice@example.com',
      '    2026-03-11T06:00:00+01:00  8         452 Mailbox full',
    ].join('\n'),
  )
})

test('no line is wider than the terminal, and nothing is lost', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '日', '👩‍👧', ' ', '@', '.'), maxLength: 120 })
  const tables = fc.integer({ min: 1, max: 9 }).chain(columns => {
    const row = fc.array(cell, { minLength: columns, maxLength: columns })
    return fc.tuple(row, fc.array(row, { maxLength: 4 }), fc.integer({ min: 20, max: 120 }))
  })
  fc.assert(
    fc.property(tables, ([header, rows, columns]) => {
      const text = table(header, rows, columns)
      for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
      expect(lettersOf(text)).toEqual(lettersOf([header.join('').toUpperCase(), ...rows.flat()].join('')))
    }),
  )
})

/** Wrapped cells stand beside each other, so their letters come in another order. */
const lettersOf = (text: string): string[] => [...text.replaceAll(/\s/g, '')].sort()

test('a time is shown as the clocks of its zone show it, with their distance from UTC', () => {
  const time = Date.UTC(2026, 2, 11, 5)
  expect(localTime(time, 'UTC')).toBe('2026-03-11T05:00:00+00:00')
  expect(localTime(time, 'Australia/Lord_Howe')).toBe('2026-03-11T16:00:00+11:00')
  expect(localTime(time, 'Pacific/Honolulu')).toBe('2026-03-10T19:00:00-10:00')
  expect(localTime(time, 'Asia/Kathmandu')).toBe('2026-03-11T10:45:00+05:45')
})
