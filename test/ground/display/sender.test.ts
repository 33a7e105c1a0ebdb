import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayAddress } from '../../../src/ground/display/address.ts'
import { displaySender } from '../../../src/ground/display/sender.ts'

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

test.each(['"Support <help@bank.example>" <x@evil.example>', '<x@evil.example> (<help@bank.example>)'])(
  'All addresses in %s are shown',
  from => {
    const { address } = displaySender({ from, sender: 'x@evil.example' })
    expect(address.split(', ').sort()).toEqual(['help@bank.example', 'x@evil.example'])
  },
)

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
