import { expect, test } from 'vitest'
import { compiledMjml, compiledName, htmlOfMjml } from '../../../src/ground/templates/compiled-mjml.ts'
import { type TemplateFiles, templateFiles } from '../../../src/ground/templates/template-files.ts'

const own = templateFiles()

const withMjml = (source: string): TemplateFiles => ({
  ...own,
  read: name => (name === 'digest.mjml' ? source : own.read(name)),
})

test('The compiled file beside the digest is up to date (npm run compile-templates writes it)', async () => {
  expect(own.read(compiledName('digest.mjml'))).toBe(
    await compiledMjml(own.read('digest.mjml'), 'digest.mjml'),
  )
})

test('The compiled file is used without compiling', async () => {
  const files: TemplateFiles = {
    ...own,
    read: name =>
      name.endsWith('.html') ? own.read(name).replace(/\n.*\n$/s, '\nthe compiled HTML\n') : own.read(name),
  }
  expect(await htmlOfMjml(files, 'digest.mjml')).toBe('the compiled HTML')
})

test('A template that an admin has changed is compiled', async () => {
  const changed = own.read('digest.mjml').replace('{{say "digest.preferences"}}', 'My settings')
  expect(await htmlOfMjml(withMjml(changed), 'digest.mjml')).toContain('My settings')
  await expect(htmlOfMjml(withMjml('<mjml><nonsense/></mjml>'), 'digest.mjml')).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
  })
})
