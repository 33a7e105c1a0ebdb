import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../../../src/ground/amavis/content.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { formatSearch } from '../../../src/rules/search/format-search.ts'
import { parseSearch } from '../../../src/rules/search/parse-search.ts'
import { SEARCH_STATES, type Search } from '../../../src/rules/search/search.ts'

const NOW = Date.parse('2026-03-11T12:00:00Z')
const PARIS = { now: NOW, timeZone: 'Europe/Paris' }
const parse = (text: string) => parseSearch(text, PARIS)

const NOTHING: Search = {
  texts: [],
  kinds: [],
  states: [],
  scores: [],
  sizes: [],
  after: undefined,
  before: undefined,
}

const text = (field: string, how: string, wanted: string, not = false) => ({ field, how, text: wanted, not })

describe('a search is read', () => {
  test.each([
    ['', []],
    ['invoice', [text('words', 'contains', 'invoice')]],
    ['-invoice -', [text('words', 'contains', 'invoice', true), text('words', 'contains', '-')]],
    ['"two words', [text('words', 'contains', 'two words')]],
    ['"say \\"hi\\" \\\\"', [text('words', 'contains', 'say "hi" \\')]],
    ['""', []],
    ['from:ann', [text('from', 'contains', 'ann')]],
    ['FROM: "Ann Bee"', [text('from', 'contains', 'Ann Bee')]],
    ['from:ann@example.com', [text('from', 'equals', 'ann@example.com')]],
    ['to:*ann@example.com*', [text('to', 'contains', 'ann@example.com')]],
    ['-to:@example.com', [text('to', 'contains', '@example.com', true)]],
    ['subject:="50%_ off"', [text('subject', 'equals', '50%_ off')]],
    ['subject:begin* subject:*end', [text('subject', 'begins', 'begin'), text('subject', 'ends', 'end')]],
    ['subject:"a* b"*', [text('subject', 'begins', 'a* b')]],
    ['subject:=', [text('subject', 'equals', '')]],
    ['id:<Ab-_c>', [text('id', 'equals', 'Ab-_c')]],
    ['id:Ab*', [text('id', 'begins', 'Ab')]],
    ['reason:invoice.exe', [text('reason', 'contains', 'invoice.exe')]],
    [
      'https://shop.example Re:',
      [text('words', 'contains', 'https://shop.example'), text('words', 'contains', 'Re:')],
    ],
    [
      'a\0b\tc',
      [text('words', 'contains', 'a'), text('words', 'contains', 'b'), text('words', 'contains', 'c')],
    ],
    ["مرحبا \u202E%_'", [text('words', 'contains', 'مرحبا'), text('words', 'contains', "\u202E%_'")]],
  ])('%j', (written, texts) => {
    expect(parse(written)).toEqual({ ...NOTHING, texts })
  })

  test('with types and states in any letter case', () => {
    expect(parse('type:SPAM -type:badheader,Virus is:Held -is:unread')).toEqual({
      ...NOTHING,
      kinds: [
        { value: 'spam', not: false },
        { value: 'badHeader', not: true },
        { value: 'virus', not: true },
      ],
      states: [
        { value: 'held', not: false },
        { value: 'unread', not: true },
      ],
    })
  })

  test.each([
    ['score:5..9', { least: 5, most: 9 }],
    ['score:>5', { least: 5.001, most: undefined }],
    ['score:>=5', { least: 5, most: undefined }],
    ['score:<5', { least: undefined, most: 4.999 }],
    ['score:..-1.5', { least: undefined, most: -1.5 }],
    ['score:5', { least: 5, most: 5.999 }],
    ['score:5.1', { least: 5.1, most: 5.199 }],
    ['score:-2', { least: -2.999, most: -2 }],
  ])('%s', (written, range) => {
    expect(parse(written).scores).toEqual([{ ...range, not: false }])
  })

  test.each([
    ['size:>1M', { least: 1_000_001, most: undefined }],
    ['-size:10k..2.5MB', { least: 10_000, most: 2_500_000 }],
    ['size:3k', { least: 3000, most: 3999 }],
    ['size:..700', { least: undefined, most: 700 }],
  ])('%s', (written, range) => {
    expect(parse(written).sizes).toEqual([{ ...range, not: written.startsWith('-') }])
  })

  test.each([
    ['after:2026-03-09', '2026-03-08T23:00:00.000Z'],
    ['after:2026-03-09T14:30', '2026-03-09T13:30:00.000Z'],
    ['after:2026-03-09T14:30:00.250Z', '2026-03-09T14:30:00.250Z'],
    ['after:today', '2026-03-10T23:00:00.000Z'],
    ['after:yesterday', '2026-03-09T23:00:00.000Z'],
    ['after:7d', '2026-03-04T12:00:00.000Z'],
    ['after:7d after:2d', '2026-03-09T12:00:00.000Z'],
  ])('%s', (written, time) => {
    expect(new Date(parse(written).after ?? 0).toISOString()).toBe(time)
  })
})

test.each([
  ['type:junk', 'spam, badHeader'.split(', ')],
  ['type:', KINDS],
  ['is:gone', SEARCH_STATES],
  ['score:high', ['score:5..9']],
  ['score:9..5', ['score:5..9']],
  ['score:..', ['score:5..9']],
  ['size:5x', ['size:>1M']],
  ['size:5toString', ['size:>1M']],
  ['after:2026-02-30', ['after:2026-03-11']],
  ['before:soon', ['before:7d']],
  ['after:99999999w', ['after:7d']],
  ['after:2026-03-09 before:2026-03-09', ['Exchange']],
  ['from:', ['from:word']],
  ['x'.repeat(10_000), ['1000']],
  ['a '.repeat(400), ['30']],
])('%j is refused, and what could be there is named', (written, named) => {
  const read = () => parse(written)
  expect(read).toThrow(CodedError)
  for (const name of named) expect(read).toThrow(name)
})

test('whatever somebody types is read or refused, and reads the same once it is written anew', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      ...'from: to: subject: id: type: is: score: size: after: - " \\ = * .. > 5 1M 7d \0 % _'.split(' '),
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const search = unlessRefused(pieces.join(''))
      if (!search) return
      expect(parse(formatSearch(search, PARIS.timeZone))).toEqual(search)
    }),
    { numRuns: 500, examples: [[['id:', '=']]] },
  )
})

test.each(['id:=', 'id:<<a>>', 'id:=<a>'])('%s reads the same once it is written', typed => {
  const search = parse(typed)
  expect(parse(formatSearch(search, PARIS.timeZone))).toEqual(search)
})

test('a search reads the same once it is written', () => {
  const words = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .map(written => written.replace(/\p{Cc}/gu, ' ').trim())
    .filter(written => written !== '')
  const not = fc.boolean()
  const range = fc
    .tuple(
      fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
      fc.integer({ min: 0, max: 99_999 }),
      not,
    )
    .map(([least, more, isNot]) => ({ least, most: (least ?? 0) + more, not: isNot }))
  const search: fc.Arbitrary<Search> = fc.record({
    texts: fc.array(
      fc.record({
        field: fc.constantFrom('words', 'from', 'to', 'subject', 'id', 'reason'),
        how: fc.constantFrom('contains', 'equals', 'begins', 'ends'),
        text: words,
        not,
      }),
      { maxLength: 4 },
    ),
    kinds: fc.array(fc.record({ value: fc.constantFrom(...KINDS), not }), { maxLength: 2 }),
    states: fc.array(fc.record({ value: fc.constantFrom(...SEARCH_STATES), not }), { maxLength: 2 }),
    scores: fc.array(range, { maxLength: 2 }),
    sizes: fc.array(range, { maxLength: 2 }),
    after: fc.option(fc.integer({ min: 0, max: NOW }), { nil: undefined }),
    before: fc.option(fc.integer({ min: NOW + 1, max: 2 * NOW }), { nil: undefined }),
  })
  fc.assert(
    fc.property(search, wanted => {
      expect(parse(formatSearch(wanted, PARIS.timeZone))).toEqual(wanted)
    }),
    { numRuns: 500 },
  )
})

function unlessRefused(written: string): Search | undefined {
  try {
    return parse(written)
  } catch (error) {
    expect(error).toMatchObject({ code: 'REQUEST_INVALID' })
    return undefined
  }
}
