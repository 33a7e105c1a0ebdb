import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { CONTENT_KINDS } from '../../../src/ground/amavis/content.ts'
import { loadLocales } from '../../../src/ground/i18n/locales.ts'
import { type TemplateFiles, templateFiles } from '../../../src/ground/templates/template-files.ts'

const TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url))

const localesOf = (byName: Readonly<Record<string, object>>) => {
  const read = (name: string) => JSON.stringify(byName[name.replace('locales/', '')])
  const files: TemplateFiles = {
    read,
    readBoth: name => ({ own: byName[name.replace('locales/', '')] && read(name) }),
    list: () => Object.keys(byName),
  }
  return loadLocales(files)
}

const english = {
  hello: 'Hello {name}',
  only: 'Only in English',
  mail: { count: '{n, plural, one {# mail} other {# mails}}' },
}

test('An admin overrides one sentence and keeps the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-locales-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'locales'))
  writeFileSync(join(folder, 'locales/en.json'), '{ "digest": { "subject": "Held: {count}" } }')
  const words = loadLocales(templateFiles(folder)).wordsFor('en')
  expect(words.say('digest.subject', { count: 2 })).toBe('Held: 2')
  expect(words.say('kind.spam')).toContain('spam')
  writeFileSync(join(folder, 'locales/en.json'), '{ "digest": ')
  expect(() => loadLocales(templateFiles(folder))).toThrow(
    expect.objectContaining({
      code: 'TEMPLATE_INVALID',
      message: expect.stringContaining('locales/en.json'),
    }),
  )
})

test('A sentence is filled in, with the plural of its language', () => {
  const words = localesOf({ 'en.json': english }).wordsFor('en')
  expect(words.say('hello', { name: '<b>{x}</b>' })).toBe('Hello <b>{x}</b>')
  expect(words.say('mail.count', { n: 1 })).toBe('1 mail')
  expect(words.say('mail.count', { n: 4035 })).toBe('4,035 mails')
})

test('The first language that exists is used, perhaps under its parent tag, and otherwise English', () => {
  const locales = localesOf({ 'en.json': english, 'de.json': { hello: 'Hallo {name}' } })
  expect(locales.wordsFor('fi', 'de-AT').language).toBe('de')
  expect(locales.wordsFor('fi').language).toBe('en')
})

test('a language of thousands of subtags is found at once', () => {
  const locales = localesOf({ 'en.json': {}, 'de.json': {} })
  const startedAt = performance.now()
  expect(locales.wordsFor(`de${'-a'.repeat(7000)}`).language).toBe('de')
  expect(performance.now() - startedAt).toBeLessThan(100)
})

test('A sentence that a language lacks is in English', () => {
  const locales = localesOf({ 'en.json': english, 'de.json': { hello: 'Hallo {name}' } })
  expect(locales.wordsFor('de').say('only')).toBe('Only in English')
})

test('A right-to-left language has its direction', () => {
  const locales = localesOf({ 'en.json': english, 'ar.json': {} })
  expect(locales.wordsFor('ar-EG').direction).toBe('rtl')
  expect(locales.wordsFor('en').direction).toBe('ltr')
})

test('One file is enough for a language, and letter case does not matter in its tag', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-locales-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'locales'))
  writeFileSync(join(folder, 'locales/ckb.json'), '{ "kind": { "spam": "سپام" } }')
  writeFileSync(join(folder, 'locales/pt-br.json'), '{ "kind": { "spam": "Parece spam" } }')
  const locales = loadLocales(templateFiles(folder))
  expect(locales.languages).toEqual(expect.arrayContaining(['ckb', 'pt-BR']))
  expect(locales.wordsFor('CKB-iq')).toMatchObject({ language: 'ckb', direction: 'rtl' })
  expect(locales.wordsFor('pt-BR').say('kind.spam')).toBe('Parece spam')
  expect(locales.wordsFor('DE-at').language).toBe('de')
})

test.each([
  ['{"digest":{"subject":"{count, plural, one {x}"}}', /digest\.subject: not in ICU message format/],
  ['{"digest":{"subject":"{nope}"}}', /digest\.subject: there is no \{nope\} .* \{count\}/],
  ['{"digest":{"subject":" "}}', /digest\.subject: expected a sentence/],
  ['{"digest":"x"}', /digest: expected an object/],
  ['[]', /the file: expected an object/],
  ['{"digest":null}', /digest: expected an object/],
])('A translator’s mistake is reported at the start, with the file and the key: %s', (text, message) => {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-locales-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'locales'))
  writeFileSync(join(folder, 'locales/de.json'), text)
  expect(() => loadLocales(templateFiles(folder))).toThrow(
    expect.objectContaining({ code: 'TEMPLATE_INVALID', message: expect.stringMatching(message) }),
  )
  expect(() => loadLocales(templateFiles(folder))).toThrow(/^locales\/de\.json: /)
})

test('A key that no file has throws', () => {
  expect(() => localesOf({ 'en.json': english }).wordsFor('en').say('nope')).toThrow(TypeError)
})

test('There is a sentence for each kind of content', () => {
  const words = loadLocales(templateFiles()).wordsFor('en')
  for (const kind of new Set(Object.values(CONTENT_KINDS))) expect(words.say(`kind.${kind}`)).toMatch(/\w/)
})

test('Each sentence that the digest’s templates use exists', () => {
  const words = loadLocales(templateFiles()).wordsFor('en')
  const anything = new Proxy({}, { get: () => 1, has: () => true })
  const templates = readdirSync(TEMPLATES).filter(name => name.match(/^digest\.(mjml|txt)$/))
  expect(templates).toHaveLength(2)
  for (const name of templates) {
    for (const [, key] of readFileSync(`${TEMPLATES}${name}`, 'utf8').matchAll(/say "([\w.]+)"/g)) {
      expect(words.say(key ?? '', anything), key).toMatch(/\w/)
    }
  }
})
