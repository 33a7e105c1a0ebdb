import { expect, test } from 'vitest'
import { type Charset, encodeText } from '../../../src/demo/mail/charset.ts'

const texts: Record<Charset, string> = {
  'utf-8': 'हाथी 👩🏽‍🚀',
  'iso-8859-1': 'Größe, fällig, œuf'.replace('œ', 'oe'),
  'iso-8859-7': 'Κερδίσατε ένα γαϊδουράκι!',
  'koi8-r': 'Срочно: самовар',
  'windows-1255': 'חומוס במשלוח',
  'windows-1256': 'السجاد الطائر',
  'tis-620': 'ส้มตำฟรี',
  'iso-2022-jp': '【重要】 Dragon ドラゴン',
  gb2312: '终身免费饺子',
  'euc-kr': '김치 냉장고',
}

test.each(Object.entries(texts))('a text in %s reads the same after decoding', (charset, text) => {
  expect(new TextDecoder(charset).decode(encodeText(text, charset as Charset))).toBe(text)
})

test('a character that a set does not have is refused', () => {
  expect(() => encodeText('я', 'iso-8859-1')).toThrow(RangeError)
})
