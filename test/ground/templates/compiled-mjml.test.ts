import { expect, test } from 'vitest'
import { compiledMjml, compiledName, htmlOfMjml } from '../../../src/ground/templates/compiled-mjml.ts'
import { type TemplateFiles, templateFiles } from '../../../src/ground/templates/template-files.ts'

const own = templateFiles()

const withMjml = (source: string): TemplateFiles => ({
  ...own,
  read: name => (name === 'digest.mjml' ? source : own.read(name)),
})

test('What lies compiled beside the digest is what MJML makes of it (npm run compile-templates writes it)', async () => {
  expect(own.read(compiledName('digest.mjml'))).toBe(
    await compiledMjml(own.read('digest.mjml'), 'digest.mjml'),
  )
})

test('The compiled one is taken as it is', async () => {
  const files: TemplateFiles = {
    ...own,
    read: name =>
      name.endsWith('.html') ? own.read(name).replace(/\n.*\n$/s, '\nwhat lies there\n') : own.read(name),
  }
  expect(await htmlOfMjml(files, 'digest.mjml')).toBe('what lies there')
})

test('A template that an admin has changed is compiled itself', async () => {
  const changed = own.read('digest.mjml').replace('{{say "digest.preferences"}}', 'My settings')
  expect(await htmlOfMjml(withMjml(changed), 'digest.mjml')).toContain('My settings')
  await expect(htmlOfMjml(withMjml('<mjml><nonsense/></mjml>'), 'digest.mjml')).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
  })
})
