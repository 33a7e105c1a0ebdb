import { parseFragment } from 'parse5'
import { expect, test } from 'vitest'
import { inAscii, sourceInAscii } from '../../../src/ground/templates/ascii-html.ts'

test.each(['plain', 'Grüße – „日本語“ 💣', 'zero\u200Cwidth\u00A0blank', '\u0085 stays'])(
  '%j is read as before',
  text => {
    const html = inAscii(text)
    expect(html).not.toMatch(/[\u00A0-\uFFFF]/)
    const [node] = parseFragment(html).childNodes
    expect(node).toMatchObject({ value: text })
  },
)

test.each([
  '見',
  ' ü ',
  'Ящик с письмами',
  '隔離された メールの箱',
  '&quot;ё&amp;ё&quot; ёёёёё',
  '💣💣💣💣💣💣💣💣💣💣',
])('%j stays as it is, because filters hold such references against a mail', text => {
  expect(inAscii(text)).toBe(text)
})

test('the characters of a template become references, except in expressions and CSS', () => {
  expect(sourceInAscii('<p>·{{say "é"}}ü</p><style>.a{content:"·"}</style>')).toBe(
    '<p>&#183;{{say "é"}}&#252;</p><style>.a{content:"·"\r\n}</style>',
  )
})

test('lines of a template end before attributes with styles, and before the end of a rule of CSS', () => {
  expect(sourceInAscii('<p class="a" style="b"><style>@media x{.a{b:{{c}}}}d{}</style>')).toBe(
    '<p class="a"\r\nstyle="b"><style>@media x{.a{b:{{c}}\r\n}\r\n}d{\r\n}</style>',
  )
})

test.each([
  '{{~c~}}',
  '{{#if c~}} a{} {{~/if}}',
  "{{!-- note: don't } --}}",
  '{{{c}}}',
  '{{say "a}}b" c="}"}}',
])('what stands in braces is left alone, in CSS, too: %s', expression => {
  const inCss = `<STYLE>.a{b:"}"}${expression}</STYLE>`
  const breaks = (text: string) => text.replaceAll('\r\n', '')
  expect(sourceInAscii(`ü${expression}`)).toBe(`&#252;${expression}`)
  expect(breaks(sourceInAscii(inCss))).toBe(inCss)
  expect(sourceInAscii(inCss)).toContain(expression.includes(' a{} ') ? '{{#if c~}}' : expression)
  expect(sourceInAscii(inCss)).toContain('"}"\r\n}')
})
