import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Attribute, decodeMessage, encodeMessage } from '../../../../src/ground/amavisd/am-pdp/codec.ts'

const text = fc.string({ unit: 'grapheme' })
const attribute: fc.Arbitrary<Attribute> = fc
  .tuple(text, text, fc.array(text))
  .map(([name, field, more]): Attribute => [name, field, ...more])

describe('the AM.PDP codec', () => {
  test('reads back whatever it has written', () => {
    fc.assert(
      fc.property(fc.array(attribute), attributes => {
        expect(decodeMessage(encodeMessage(attributes))).toEqual(attributes)
      }),
    )
  })

  test('writes printable ASCII lines for any values', () => {
    fc.assert(
      fc.property(fc.array(attribute), attributes => {
        const message = encodeMessage(attributes)
        expect(message).toMatch(/^([!-~]*=[ -~]*\r\n)*\r\n$/)
        expect(message.split('\r\n')).toHaveLength(attributes.length + 2)
      }),
    )
  })

  test('never throws on what it reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), message => {
        expect(() => decodeMessage(message)).not.toThrow()
      }),
    )
  })

  test('encodes octets of UTF-8, percent signs and white space', () => {
    expect(encodeMessage([['recipient', '<"a b"%mü@example.com>']])).toBe(
      'recipient=<"a%20b"%25m%c3%bc@example.com>\r\n\r\n',
    )
  })

  test('cannot be made to write a second line', () => {
    expect(encodeMessage([['recipient', '<a@example.com>\r\nrecipient=<b@example.com>']])).toBe(
      'recipient=<a@example.com>%0d%0arecipient=<b@example.com>\r\n\r\n',
    )
  })

  test("reads amavisd's answers field by field", () => {
    const message =
      'setreply=250 2.0.0 from%20MTA(smtp:[127.0.0.1]:10025):%20250%202.0.0%20Ok\r\nreturn_value=continue\r\n\r\n'
    expect(decodeMessage(message)).toEqual([
      ['setreply', '250', '2.0.0', 'from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok'],
      ['return_value', 'continue'],
    ])
  })
})
