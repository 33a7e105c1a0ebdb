import { expect, test } from 'vitest'
import { compileMjml } from '../../../src/ground/templates/compile-mjml.ts'

const bodyOf = (text: string) =>
  `<mjml><mj-body><mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section></mj-body></mjml>`

test('Handlebars expressions survive, in text and in attributes', async () => {
  const expressions = '<p class="a{{#if @first}} z{{/if}}">{{say "digest.title" count=total}} {{{raw}}}</p>'
  expect(await compileMjml(bodyOf(expressions))).toContain(expressions)
})

test('White space between blocks is stripped, between words it is kept', async () => {
  const html = await compileMjml(bodyOf('<b>a</b>  <i>b</i>\n'))
  expect(html).toContain('<b>a</b> <i>b</i></div></td></tr></tbody></table>')
})

test('No other host is named, whatever font is used', async () => {
  expect(await compileMjml(bodyOf('x'))).not.toMatch(/(?:src|href)=|@import/)
})

test('A fault is reported with its file and line', async () => {
  const broken = '<mjml>\n<mj-body>\n<mj-nonsense />\n</mj-body></mjml>'
  await expect(compileMjml(broken, 'digest.mjml')).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
    message: expect.stringMatching(/^digest\.mjml .*line 3: .*mj-nonsense/s),
  })
})

test('A text that is not MJML is refused', async () => {
  await expect(compileMjml('{}')).rejects.toMatchObject({ code: 'TEMPLATE_INVALID' })
})

test('An include reads no file', async () => {
  const html = await compileMjml(bodyOf('</mj-text><mj-include path="/etc/passwd" /><mj-text>')).catch(String)
  expect(html).not.toContain('root:')
})
