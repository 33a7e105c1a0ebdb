import { expect, test } from 'vitest'
import type { Words } from '../../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../../src/ground/templates/digest-template.ts'
import type { TemplateFiles } from '../../../src/ground/templates/template-files.ts'

const words = (language: string): Words => ({
  language,
  direction: 'ltr',
  say: (key, values) => `${language}:${key}:${values?.count ?? ''}`,
})

const filesOf = (mjmlText: string, text = ''): TemplateFiles => ({
  read: name =>
    name === 'digest.txt'
      ? text
      : `<mjml><mj-body><mj-section><mj-column><mj-text>${mjmlText}</mj-text></mj-column></mj-section></mj-body></mjml>`,
  readBoth: () => ({}),
  list: () => [],
})

const MODEL = { direction: 'rtl', start: 'right', name: '<b> & "x"', total: 3 }

test('Values are escaped in HTML and left unchanged in text', async () => {
  const template = await loadDigestTemplate(filesOf('[{{name}}]', '[{{name}}]'))
  expect(template.html(MODEL, words('en'))).toContain('[&lt;b&gt; &amp; &quot;x&quot;]')
  expect(template.text(MODEL, words('en'))).toBe('[<b> & "x"]')
})

test('One compiled template serves all languages', async () => {
  const template = await loadDigestTemplate(filesOf('x', '{{say "a.b" count=total}}'))
  expect(template.text(MODEL, words('en'))).toBe('en:a.b:3')
  expect(template.text(MODEL, words('de'))).toBe('de:a.b:3')
})

test('Right-to-left languages mirror the layout', async () => {
  const html = (await loadDigestTemplate(filesOf('x'))).html(MODEL, words('ar'))
  expect(html).toContain('direction:rtl')
  expect(html).not.toMatch(/direction:ltr|text-align:left|align="left"/)
})

test('A name that the model lacks is an error, not an empty string', async () => {
  const template = await loadDigestTemplate(filesOf('x', '{{nonsense}}'))
  expect(() => template.text(MODEL, words('en'))).toThrow(/nonsense/)
})

test.each([
  ['digest.mjml', '{{#if name}}', ''],
  ['digest.txt', 'x', '{{#each}'],
])('A fault in %s is reported on loading, with its name', async (name, mjmlText, text) => {
  await expect(loadDigestTemplate(filesOf(mjmlText, text))).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
    message: expect.stringContaining(name),
  })
})
