import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disguise, disguiseSource, withoutTestStrings } from '../../../src/ground/display/disguise.ts'

const JOINER = '\u2060\u2060'
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

test.each([
  'Invoice 2481',
  'Your order 4711 is waiting for you at the shop',
  'Meeting about your account on Monday, 12 people',
  'Rechnung über 1.249,00 EUR',
  'دعوة إلى الاجتماع अनुरोध',
  '',
])('There is nothing to hide in: %s', text => {
  expect(disguise(text)).toBeUndefined()
})

test.each([
  ['VIAGRA for all', `VIA${JOINER}GRA for all`, 'VIA… for all'],
  ['V I A G R A now', `V I${JOINER} A G R A now`, 'V I… now'],
  ['c1alis, müßig', `c1a${JOINER}lis, müßig`, 'c1a…, müßig'],
  ['You won $5,000,000 USD', `Y${JOINER}ou won $5,${JOINER}000,${JOINER}000 USD`, 'You w… $5·000·000 USD'],
])('A suspect word is broken up in HTML and shortened in plain text: %s', (text, html, plain) => {
  expect(disguise(text)).toEqual({ html, text: plain })
})

describe('Of two words that are suspect together', () => {
  test('each part hides one, so that a search finds both', () => {
    const hidden = disguise('Urgent request for quotation')
    expect(hidden).toEqual({
      html: `Urg${JOINER}ent request for quotation`,
      text: 'Urgent req… for quotation',
    })
  })

  test('one that belongs to two pairs is whole in one part too', () => {
    const { html = '', text = '' } = disguise('Your inheritance payment file') ?? {}
    for (const word of ['Your', 'inheritance', 'payment', 'file']) expect(`${html} ${text}`).toContain(word)
  })

  test('neither is hidden when they stand far apart', () => {
    expect(disguise('Urgent: the printer on the second floor lost my request')).toBeUndefined()
  })
})

test.each([
  GTUBE,
  GTUBE.toLowerCase(),
  `x${GTUBE}x`,
  'P4X54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*',
])('The test string %s does not survive', text => {
  expect(withoutTestStrings(text)).not.toContain(text)
  expect(withoutTestStrings(text).replace(/ (?=\.34|!)/, '')).toBe(text)
})

test('A word that is looked for in the source of HTML is written with a character reference', () => {
  expect(disguiseSource('<h3 aria-label="Viagra">')).toBe('<h3 aria-label="&#86;iagra">')
})

test('Hiding adds nothing but joiners to HTML, and no joiner to plain text', () => {
  const piece = fc.constantFrom(
    'viagra',
    'urgent',
    'request',
    'million',
    'USD',
    '$5,000,000',
    ' ',
    '!',
    'x',
    'dear',
    'sir',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
      const text = pieces.join('')
      const hidden = disguise(text) ?? { html: text, text }
      expect(hidden.html.replaceAll(JOINER, '')).toBe(text)
      expect(hidden.text).not.toContain('\u2060')
    }),
  )
})
