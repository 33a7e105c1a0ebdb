import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { templateFiles } from '../../../src/ground/templates/template-files.ts'
import { unusedNames } from '../../../src/ground/templates/unused-names.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const own = templateFiles()

const unusedIn = (files: Readonly<Record<string, string>>) => {
  const folder = temporaryFolder()
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return unusedNames(templateFiles(folder))
}

test('What a template does not show of what ours shows is named, with its file', () => {
  const digest = own.read('digest.txt').replace(/\{\{#if heading\}\}.*?\{\{\/if\}\}\n\{\{\/if\}\}\n/s, '')
  const letter = own.read('mail/letter.txt')
  expect(unusedIn({ 'digest.txt': digest, 'mail/letter.txt': letter })).toEqual([
    { file: 'digest.txt', names: ['heading'] },
  ])
})

test('A template made before messages stood in groups lacks their headings, in both parts', () => {
  const unused = unusedIn({
    'digest.mjml':
      '<mjml><mj-body><mj-raw>{{title}}{{#each rows}}{{title}}{{/each}}</mj-raw></mj-body></mjml>',
    'digest.txt': '{{title}}{{#each rows}}{{title}}: {{url}}{{/each}}',
  })
  expect(unused.map(({ file }) => file)).toEqual(['digest.mjml', 'digest.txt'])
  for (const { names } of unused) {
    expect(names).toEqual(expect.arrayContaining(['heading', 'reason', 'host']))
    expect(names).not.toContain('title')
    expect(names).not.toContain('say')
  }
})

test('Nothing is named for copies of our templates, for files of an admin’s own, and without a folder', () => {
  const folder = temporaryFolder()
  cpSync(join(import.meta.dirname, '../../../templates'), folder, { recursive: true })
  writeFileSync(join(folder, 'notes.txt'), 'Remember {{this}}')
  expect(unusedNames(templateFiles(folder))).toEqual([])
  expect(unusedNames(own)).toEqual([])
})
