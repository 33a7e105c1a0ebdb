import { expect, test } from 'vitest'
import { checkPages } from '../../../../src/doors/http/samples/check-pages.ts'
import { type TemplateFiles, templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { LOCALES } from '../../../embedded/program.ts'

const own = templateFiles()

test.each(['en', 'ar'])('our own pages can be rendered in %s', async language => {
  await check(own, language)
})

const files = ['pages', 'reader', 'admin'].flatMap(folder =>
  own
    .list(folder)
    .filter(file => file.endsWith('.html'))
    .map(file => `${folder}/${file}`),
)

test.each(files)('a name that is misspelt in %s is found, and the file is named', async file => {
  await expect(check(withChange(file, '{{misspelt}}'))).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
    message: expect.stringMatching(
      new RegExp(`^${file}:\\d+: cannot be rendered: there is no "misspelt" here$`),
    ),
  })
})

test.each(files)('a misspelt partial or sentence in %s is found, even behind a condition', async file => {
  const faults = [
    ['{{> no-such-part}}', 'there is no partial "no-such-part"'],
    ['{{#> no-such-frame}}x{{/no-such-frame}}', 'there is no partial "no-such-frame"'],
    ['{{say "no.such.sentence"}}', 'there is no sentence "no.such.sentence"'],
  ] as const
  for (const [text, reason] of faults) {
    const hidden = `{{#if @root.never.there}}${text}{{/if}}`
    await expect(check(withChange(file, hidden))).rejects.toMatchObject({
      code: 'TEMPLATE_INVALID',
      message: expect.stringMatching(new RegExp(`^${file}:\\d+: ${reason}$`)),
    })
  }
})

const check = (changed: TemplateFiles, language = 'en') =>
  checkPages({
    files: changed,
    locales: LOCALES,
    language,
    timeZone: 'UTC',
    contact: 'postmaster@example.com',
  })

/** Our templates, one of which ends with this text. */
const withChange = (changed: string, end: string): TemplateFiles => ({
  ...own,
  read: name => (name === changed ? `${own.read(name).trimEnd()}\n${end}` : own.read(name)),
})
