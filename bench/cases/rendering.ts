import mjml2html from 'mjml'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../src/work/digest/show/render.ts'
import { entryOf, viewOf } from '../../test/work/digest/show/sample-digest.ts'
import { type BenchCase, comparison, inTurns } from '../figures.ts'
import { cpuOf } from '../measure.ts'

/** Rendering both parts of a digest from a template that was compiled once, compared with compiling it for each mail. */
export const rendering: BenchCase = {
  name: 'rendering',
  title: 'Rendering a digest',
  async *measure({ rounds }) {
    const files = templateFiles()
    const template = await loadDigestTemplate(files)
    const words = loadLocales(files).wordsFor('en')
    const source = files.read('digest.mjml')
    for (const rows of [5, 50]) {
      const subjects = Array.from({ length: rows }, (_, index) => `Your order ${index} is waiting for you`)
      const view = viewOf(subjects.map(subject => entryOf({ subject })))
      const filled = withRows(source, rows)
      const { ours, compiling } = await inTurns(rounds, {
        ours: async () => cpuOf(() => renderDigest(template, words, view)) / 1000,
        compiling: () => compilingOf(filled),
      })
      const values = compiling.map((time, index) => time + (ours[index] ?? 0))
      const what = 'compiling the filled MJML for each mail'
      yield comparison(`CPU for a digest of ${rows} messages`, 'ms', ours, { what, values })
    }
  },
}

async function compilingOf(filled: string): Promise<number> {
  const before = process.cpuUsage()
  for (let turn = 0; turn < TURNS; turn += 1) await mjml2html(filled, { fonts: {} })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / TURNS
}

const TURNS = 10

/** The source of the template with its rows written out. */
const withRows = (source: string, rows: number): string =>
  source.replace(/\{\{#each rows\}\}(.*?)\{\{\/each\}\}/s, (_, row: string) => row.repeat(rows))
