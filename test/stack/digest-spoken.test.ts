import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../src/work/digest/show/render.ts'
import { entryOf, viewOf } from '../work/digest/show/sample-digest.ts'
import { KINDS_OF_SPAM } from '../work/digest/show/spam-subjects.ts'
import { spokenOf } from '../work/digest/show/spoken-html.ts'

const files = templateFiles()
const template = await loadDigestTemplate(files)
const words = loadLocales(files).wordsFor('en')

const LINKS = [
  'See https://shop.example.com/a or www.shop.example',
  'Ask bob@shop.example',
  'Call +1 (800) 555-1234',
]

const byLanguage = Map.groupBy(
  [...KINDS_OF_SPAM, ...LINKS.map(subject => ({ language: 'en', subject }))],
  ({ language }) => language,
)

test.each([...byLanguage])('subjects in %s are spoken as they are written', async (voice, group) => {
  const subjects = group.map(({ subject }) => subject)
  const { html } = renderDigest(template, words, viewOf(subjects.map(subject => entryOf({ subject }))), {
    maxRows: 500,
    maxBytes: 10_000_000,
  })
  const spoken = spokenOf(html, 'h3')
  expect(spoken).toHaveLength(subjects.length)
  const [heard, written] = await Promise.all([phonemes(spoken, voice), phonemes(subjects, voice)])
  expect(written.length).toBeGreaterThanOrEqual(subjects.length)
  expect(heard).toEqual(written)
})

/** What espeak-ng, the voice of NVDA and Orca, makes of lines of text. */
async function phonemes(lines: readonly string[], voice: string): Promise<string[]> {
  const process = spawn('espeak-ng', ['-q', '-x', '-v', voice, '--stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  process.stdin.end(lines.map(line => speakableBy(voice, line)).join('\n\n'))
  return (await text(process.stdout)).split('\n').filter(line => line.trim() !== '')
}

/** The Arabic voice of espeak-ng 1.51 speaks the same long number differently each time. */
const speakableBy = (voice: string, line: string): string =>
  voice === 'ar' ? line.replace(/(?<=\d)\d+/g, '') : line
