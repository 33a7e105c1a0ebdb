import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { CodedError } from '../../src/ground/errors.ts'
import { jsonLine, textLine } from '../../src/ground/log-lines.ts'

test('a record is time, level, message and fields', () => {
  expect(lineOf({ digest: 7, reader: 'alice@example.com', parts: ['a', 'b'], none: null }, 'sent')).toBe(
    '2027-03-04T06:00:00.000Z INFO  sent digest=7 reader=alice@example.com parts="[\\"a\\",\\"b\\"]" none=null',
  )
})

test('an error is its message, its code and its stack, in the same line', () => {
  const err = new CodedError('DATABASE_UNREACHABLE', 'Away.')
  const line = lineOf({ err }, 'failed')
  expect(line).toContain(' failed error=Away. code=DATABASE_UNREACHABLE stack="')
  expect(line).toMatch(/\\n +at /)
  expect(line).not.toContain('\n')
})

const HOSTILE = {
  'a second line': 'x\n2027-03-04T06:00:00.000Z ERROR forged',
  'CR LF': 'x\r\n<3>forged',
  'an escape sequence': '\u001b[2J\u001b]0;title\u0007',
  'an escape sequence of one character': '\u009b2J',
  'separators of Unicode': 'a\u2028b\u2029c\u0085d',
  'a direction': 'cod\u202etxt.exe',
  'a soft hyphen and a tag': '\u00ad\u{e0041}',
  'another field': 'x reader=bob@example.com "y" \\',
  'half a character': '\ud800',
}

test.each(Object.entries(HOSTILE))(
  '%s in a value or a message can be read back, and does nothing',
  (_, text) => {
    for (const line of [lineOf({ reply: text }, 'said'), lineOf({}, text)]) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      expect(line).toContain('2027-03-04T06:00:00.000Z INFO ')
    }
    const [, quoted = ''] = /^\S+ INFO +said reply=(.*)$/.exec(lineOf({ reply: text }, 'said')) ?? []
    expect(JSON.parse(quoted)).toBe(text)
    const json = recordOf({ reply: text }, 'said')
    expect(jsonLine(json)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    expect(JSON.parse(jsonLine(json))).toEqual(JSON.parse(json))
  },
)

test('no text makes a second line or an unseen character, and each value is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const line = lineOf({ a: text, [text]: 1 }, text)
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('letters of all languages stay as they are', () => {
  expect(lineOf({ subject: 'Größe-日本語-🙂' }, 'für José')).toContain('für José subject=Größe-日本語-🙂')
})

test('a value is cut after 8,000 characters', () => {
  expect(lineOf({ reply: 'x'.repeat(100_000) }, 'said').length).toBeLessThan(8_100)
})

test('on a terminal, the time is short and the level has a colour', () => {
  expect(textLine(recordOf({}, 'said'), { isTerminal: true })).toMatch(
    /^\d\d:\d\d:\d\d \S*INFO {2}?\S* ?said$/,
  )
})

const lineOf = (fields: object, message: string) => textLine(recordOf(fields, message), { isTerminal: false })

/** What pino writes. */
function recordOf(fields: object, message: string): string {
  let record = ''
  const timestamp = () => ',"time":"2027-03-04T06:00:00.000Z"'
  const write = (line: string) => {
    record = line
  }
  pino({ base: null, timestamp }, { write }).info(fields, message)
  return record
}
