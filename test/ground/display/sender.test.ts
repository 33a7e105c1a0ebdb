import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayAddress } from '../../../src/ground/display/address.ts'
import { displaySender, senderLine, senderParts } from '../../../src/ground/display/sender.ts'

const PLAIN = { name: '', address: '', envelope: undefined, isBounce: false, nameClaimsAnother: false }

test.each([
  [
    'a name and an address',
    'Anna <anna@a.example>',
    'anna@a.example',
    { name: 'Anna', address: 'anna@a.example' },
  ],
  [
    'a quoted name',
    '"Smith, Anna" <a@a.example>',
    'a@a.example',
    { name: 'Smith, Anna', address: 'a@a.example' },
  ],
  [
    'a name that lost its quotes',
    'Müller, Hans <h@a.example>',
    'h@a.example',
    { name: 'Müller, Hans', address: 'h@a.example' },
  ],
  ['an address alone', 'anna@a.example', 'Anna@A.example', { address: 'anna@a.example' }],
  [
    'a name in a comment',
    'anna@a.example (Anna)',
    'anna@a.example',
    { name: 'Anna', address: 'anna@a.example' },
  ],
  [
    'a name that repeats the address',
    '"anna@a.example" <anna@a.example>',
    'anna@a.example',
    { address: 'anna@a.example' },
  ],
  ['one domain in two spellings', 'a@münchen.de', 'a@xn--mnchen-3ya.de', { address: 'a@münchen.de' }],
  ['no address', 'garbage', 'x@y.example', { name: 'garbage', envelope: 'x@y.example' }],
])('The sender of a mail with %s', (_title, from, sender, shown) => {
  expect(displaySender({ from, sender })).toEqual({ ...PLAIN, ...shown })
})

test('The envelope sender is shown if it differs', () => {
  expect(
    displaySender({ from: 'Shop <news@shop.example>', sender: 'bounce-1@mailer.example' }).envelope,
  ).toBe('bounce-1@mailer.example')
})

test('A mail with an empty envelope sender is a bounce', () => {
  expect(displaySender({ from: '', sender: '' })).toEqual({ ...PLAIN, isBounce: true })
})

test('A name that claims another address is detected', () => {
  const sender = displaySender({ from: 'service@bank.example <x@evil.example>', sender: 'x@evil.example' })
  expect(sender).toMatchObject({ address: 'x@evil.example', nameClaimsAnother: true })
})

test.each([
  ['"Head Office <boss@bank.example>" <x@evil.example>', 'Head Office <boss@bank.example>'],
  ['Head Office <boss@bank.example> <x@evil.example>', 'Head Office <boss@bank.example>'],
  ['<x@evil.example> (<boss@bank.example>)', '<boss@bank.example>'],
  ['<boss@bank.example> <x@evil.example>', '<boss@bank.example>'],
  ['Smith, boss@bank.example, Anna <x@evil.example>', 'Smith, boss@bank.example, Anna'],
  ['"boss@bank\u3002example" <x@evil.example>', 'boss@bank\u3002example'],
  ['boss\uFF20bank\uFF0Eexample <x@evil.example>', 'boss\uFF20bank\uFF0Eexample'],
  ['boss\uFE6Bbank\uFE52example <x@evil.example>', 'boss\uFE6Bbank\uFE52example'],
  ['"boss@\u200Bbank.\u00ADexample" <x@evil.example>', 'boss@bank.example'],
  ['=?GB18030?Q?boss=40bank=2Eexample?= <x@evil.example>', 'boss@bank.example'],
  ['=?GB18030?Q?a=3Cboss=40bank=2Eexample=3E=2C?= <x@evil.example>', 'a<boss@bank.example>,'],
  ['=?GB18030?Q?<boss@bank.example>,?= <x@evil.example>', '<boss@bank.example>,'],
  ['=?unknown-8bit?Q?boss=40bank=2Eexample?= <x@evil.example>', 'boss@bank.example'],
  // An encoded word may have contained a quote or a parenthesis that hides the brackets.
  ['boss@bank.example" <x@evil.example> (")', 'boss@bank.example" <x@evil.example> (")'],
  ['boss@bank.example( <x@evil.example> ())', 'boss@bank.example( <x@evil.example> ())'],
  ['<boss@bank.example> " <x@evil.example> (")', '<boss@bank.example> " <x@evil.example> (")'],
])('The sender of %s is announced and comes first', (from, name) => {
  const shown = displaySender({ from, sender: 'x@evil.example' })
  expect(shown).toMatchObject({ name, address: 'x@evil.example', nameClaimsAnother: true })
  expect(senderParts(shown)).toEqual(['x@evil.example', name])
  expect(senderLine(shown)).toBe(`x@evil.example (${name})`)
})

test.each(['<x@evil.example> () <boss@bank.example>)', '<x@evil.example> () <boss@bank.example> ()'])(
  'Where %s leaves it open who the sender is, the envelope sender comes first',
  from => {
    const sender = displaySender({ from, sender: 'bounces@mailer.example' })
    expect(senderParts(sender)).toEqual(['bounces@mailer.example', from])
    expect(displaySender({ from, sender: 'bounces@evil.example' }).address).toBe('x@evil.example')
  },
)

test('A name is no sender, even where a field has nothing else', () => {
  const sender = displaySender({ from: '"boss@bank.example"', sender: 'x@evil.example' })
  expect(senderParts(sender)).toEqual(['x@evil.example', 'boss@bank.example'])
  expect(sender.nameClaimsAnother).toBe(true)
})

test.each([
  '"boss@bank.example"@evil.example',
  '<boss@bank.example@evil.example>',
  '<boss\uFF20bank.example@evil.example>',
])('An address that contains another one is announced: %s', from => {
  expect(displaySender({ from, sender: '' }).nameClaimsAnother).toBe(true)
})

test.each([
  ['first@one.example, second@two.example', '', 'first@one.example, second@two.example'],
  ['Uma <first@one.example>, Kim <second@two.example>', 'Uma, Kim', 'first@one.example, second@two.example'],
  ['first@one.example, "Kim" <second@two.example>', 'Kim', 'first@one.example, second@two.example'],
  [
    'Smith, Uma <first@one.example>, Lee, Kim <second@two.example>',
    'Smith, Uma, Lee, Kim',
    'first@one.example, second@two.example',
  ],
  ['Staff: first@one.example, Kim <second@two.example>;', 'Kim', 'first@one.example, second@two.example'],
  ['first@one.example,', '', 'first@one.example'],
  ['first@one.example (Uma), second@two.example (Kim)', 'Uma, Kim', 'first@one.example, second@two.example'],
  ['"kim lee"@outside.example', '', '"kim lee"@outside.example'],
  ['Kim <"kim>, lee"@outside.example>', 'Kim', '"kim>, lee"@outside.example'],
  ['Kim <kim(work)@outside.example (our host)>', 'Kim', 'kim@outside.example'],
  ['Kim <kim@outside.example> (our (nested) host)', 'Kim (our (nested) host)', 'kim@outside.example'],
  ['kim(work)@outside.example', 'work', 'kim@outside.example'],
  ['<@relay.example,@other.example:kim@outside.example>', '', 'kim@outside.example'],
  ['Kim <kim@outside.example', 'Kim', 'kim@outside.example'],
  ['kim@[192.0.2.1]', '', 'kim@[192.0.2.1]'],
  ["Kim O'Neil <o'neil@outside.example>", "Kim O'Neil", "o'neil@outside.example"],
  ['"o\'neil@outside.example" <o\'neil@outside.example>', '', "o'neil@outside.example"],
  ['kim\uFF20outside\u3002example <kim@outside.example>', '', 'kim@outside.example'],
])('%s is read without a false alarm', (from, name, address) => {
  const shown = displaySender({ from, sender: 'bounces@list.example' })
  expect(shown).toMatchObject({ name, address, nameClaimsAnother: false })
})

test('Of several mailboxes the one that sent the message comes first, then those of its domain', () => {
  const from = 'Uma <first@one.example>, Kim <second@two.example>'
  const addressFor = (sender: string) => displaySender({ from, sender }).address
  expect(addressFor('second@two.example')).toBe('second@two.example, first@one.example')
  expect(addressFor('bounces@mail.two.example')).toBe('second@two.example, first@one.example')
})

test('Of many addresses whole ones are shown, also if the field was cut off', () => {
  const many = Array.from({ length: 20 }, (_, index) => `person${index}@one.example`)
  const { address, nameClaimsAnother } = displaySender({ from: many.join(', ').slice(0, 255), sender: '' })
  const shown = address.split(', ')
  expect(shown.length).toBeGreaterThan(6)
  expect([...many.slice(0, shown.length - 1), '…']).toEqual(shown)
  expect(nameClaimsAnother).toBe(false)
  const named = many.map(one => `Kim <${one}>`).join(', ')
  for (let length = 240; length <= 255; length += 1) {
    expect(displaySender({ from: named.slice(0, length), sender: '' }).nameClaimsAnother).toBe(false)
  }
})

test.each([
  ['=?GB18030?B?xOO6ww==?= <kim@outside.example>', '你好'],
  ['" =?GB18030?B?xOO6ww==?=" <kim@outside.example>', '你好'],
  ['=?x-gbk?Q?Kim=2C_=C4=E3?= <kim@outside.example>', 'Kim, 你'],
  ['kim@outside.example (=?csgb2312?B?xOO6ww==?=)', '你好'],
])('The name in %s is decoded', (from, name) => {
  expect(displaySender({ from, sender: '' })).toMatchObject({
    name,
    address: 'kim@outside.example',
    nameClaimsAnother: false,
  })
})

/** Parts of a display name as a spammer would choose them. */
const PIECES = fc.array(
  fc.oneof(
    fc.constantFrom(
      'boss@bank.example',
      '<boss@bank.example>',
      ', ',
      ' ',
      '"',
      '(',
      ')',
      '<',
      '>',
      '\\',
      ';',
      ':',
    ),
    fc.constantFrom('=?x?Q?', '?=', '=?gbk?B?xOO6ww==?=', 'Head Office', "'", '\uFF20', '\u3002', '\u202E'),
  ),
  { maxLength: 12 },
)

test('No quoted display name is shown as the address, and an address in it is announced', () => {
  fc.assert(
    fc.property(PIECES, fc.constantFrom('x@evil.example', 'boss@bank.example', ''), (pieces, sender) => {
      const name = pieces.join('').replace(/["\\]/g, '\\$&')
      const shown = displaySender({ from: `"${name}" <x@evil.example>`, sender })
      expect(shown.address).toBe('x@evil.example')
      if (/(?<![\w'])boss@bank\.example(?!\w)/.test(shown.name)) expect(shown.nameClaimsAnother).toBe(true)
      if (shown.nameClaimsAnother) expect(senderParts(shown)[0]).toBe('x@evil.example')
    }),
    { numRuns: 2000 },
  )
})

test('Whatever an encoded word was decoded to, the address that sent the message comes first', () => {
  fc.assert(
    fc.property(PIECES, PIECES, (before, after) => {
      const from = `${before.join('')} <x@evil.example> (${after.join('')})`
      fc.pre(from.length < 240)
      const { address } = displaySender({ from, sender: 'x@evil.example' })
      expect(address.split(', ')[0]).toBe('x@evil.example')
    }),
    { numRuns: 2000 },
  )
})

test('An address that was cut off is not shown, because it would be a different one', () => {
  const from = `${'N'.repeat(240)} <anna@a.exam`
  expect(displaySender({ from, sender: 'anna@a.example' })).toMatchObject({
    address: '',
    envelope: 'anna@a.example',
  })
})

test('A long address keeps its domain, and a long domain its end', () => {
  expect(displayAddress(`bounce+${'x'.repeat(200)}@mail.example`)).toMatch(/^bounce\+x{33}…@mail\.example$/)
  expect(displayAddress(`a@bank.example.${'x.'.repeat(60)}evil.example`)).toMatch(/^a@….{52}evil\.example$/)
})

test('No From field throws or shows hidden characters', () => {
  const field = fc.array(
    fc.oneof(
      fc.constantFrom('"', '<', '>', '@', ',', '(', ')', '\\', ' ', 'a.b', ':', ';'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(field, fc.string({ unit: 'binary' }), (pieces, sender) => {
      const shown = displaySender({ from: pieces.join(''), sender })
      for (const text of [shown.name, shown.address, shown.envelope ?? '']) {
        expect(text).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u)
        expect(text.isWellFormed()).toBe(true)
      }
    }),
  )
})

test('A plain From field is read in the same way as any other', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9]{1,9}$/)
  const separator = fc.constantFrom(' ', ', ', '. ', ' & ', ' - ', '-', '! ')
  const name = fc
    .array(fc.tuple(word, separator), { maxLength: 5 })
    .map(parts => parts.flat().slice(0, -1).join(''))
  const address = fc.stringMatching(
    /^[a-z0-9][a-z0-9._+-]{0,20}[a-z0-9]@[a-z0-9-]{1,9}\.(?:com|example|co\.uk)$/,
  )
  fc.assert(
    fc.property(name, address, address, fc.boolean(), (shown, from, sender, isQuoted) => {
      const field = shown === '' ? `<${from}>` : isQuoted ? `"${shown}" <${from}>` : `${shown} <${from}>`
      // A blank at the end changes nothing, but is not plain.
      expect(displaySender({ from: field, sender })).toEqual(displaySender({ from: `${field} `, sender }))
    }),
  )
})
