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

test('the characters of a template become references, except in expressions and CSS', () => {
  expect(sourceInAscii('<p>·{{say "é"}}ü</p><style>.a{content:"·"}</style>')).toBe(
    '<p>&#183;{{say "é"}}&#252;</p><style>.a{content:"·"\r\n}</style>',
  )
})

test('lines of a template end before attributes with styles, and before the end of a rule of CSS', () => {
  expect(sourceInAscii('<p class="a" style="b"><style>@media x{.a{b:{{c}}}}d{}</style>')).toBe(
    '<p class="a"\r\nstyle="b"><style>@media x{.a{b:{{c\r\n}}}}d{\r\n}</style>',
  )
})
