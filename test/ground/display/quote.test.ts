import { expect, test } from 'vitest'
import { quoting } from '../../../src/ground/display/quote.ts'

const quote = quoting(false)

test('Ordinary text is quoted as it is', () => {
  const text = 'Invoice 2481'
  expect(quote(text)).toEqual({ html: text, text, spoken: '' })
})

test.each(['Ask bob@shop.example', 'See www.shop.example', 'Call +1 (800) 555-1234', 'Cheap Viagra'])(
  'What a screen reader could not speak as it is written is spoken without invisible characters: %s',
  text => {
    const { html, text: plain, spoken } = quote(text)
    expect(html).not.toBe(text)
    expect(html.replace(/[\u200C\u2060]/g, '')).toBe(text)
    expect(spoken).toBe(text)
    expect(plain).not.toMatch(/[\u200C\u2060]/)
  },
)

test('Where no filter reads the digest, words stand as they are, but URLs are no links', () => {
  const { html, text } = quoting(true)('Cheap Viagra at pills.example')
  expect(html).toBe('Cheap Viagra at pills\u200C.\u200Cexample')
  expect(text).toBe('Cheap Viagra at pills[.]example')
})
