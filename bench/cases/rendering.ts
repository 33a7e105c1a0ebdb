import { createSecretKey, randomBytes } from 'node:crypto'
import mjml2html from 'mjml'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { type Link, signToken } from '../../src/ground/links/token.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../src/work/digest/show/render.ts'
import { entryOf, viewOf } from '../../test/work/digest/show/sample-digest.ts'
import { cpuOf, duration, wallOf } from '../measure.ts'
import type { Result } from '../table.ts'

/**
 * Rendering both parts of a digest from a template that was compiled once, compared with compiling it for each mail.
 */
export async function* measureRendering(): AsyncGenerator<Result> {
  const files = templateFiles()
  const template = await loadDigestTemplate(files)
  const words = loadLocales(files).wordsFor('en')
  const source = files.read('digest.mjml')
  const key = { id: 'k1', key: createSecretKey(randomBytes(32)) }
  const signing = cpuOf(() => signToken(LINK, key))
  for (const rows of [5, 50, 100]) {
    const subjects = Array.from({ length: rows }, (_, index) => `Your order ${index} is waiting for you`)
    const view = viewOf(subjects.map(subject => entryOf({ subject })))
    const filled = withRows(source, rows)
    const [compiling = 0] = await wallOf([() => mjml2html(filled, { fonts: {} })], 10)
    const ours = cpuOf(() => renderDigest(template, words, view)) / 1000
    yield {
      what: `render a digest of ${rows} messages`,
      ours: duration(ours),
      ratio: signing / (ours * 1000),
      otherwise: 'signing one of its links',
    }
    yield {
      what: `render a digest of ${rows} messages`,
      ours: duration(ours),
      ratio: (compiling + ours) / ours,
      otherwise: 'compiling the filled MJML for each mail',
    }
  }
}

const LINK: Link = {
  purpose: 'release',
  subject: 'AZ6TA1xoxjxAPnA9SxpR',
  binding: 'AAAAAAAAAAAAAAAA',
  expiresAt: 2e12,
}

/** The source of the template with its rows written out. */
const withRows = (source: string, rows: number): string =>
  source.replace(/\{\{#each rows\}\}(.*?)\{\{\/each\}\}/s, (_, row: string) => row.repeat(rows))
