import { loadLocales } from '../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../src/ground/templates/digest-template.ts'
import { templateFiles } from '../src/ground/templates/template-files.ts'
import { type RenderedDigest, renderDigest } from '../src/work/digest/show/render.ts'
import { entryOf, viewOf } from '../test/work/digest/show/sample-digest.ts'

/** A digest of so many messages, with links as long as real ones. */
export async function sampleDigest(messages: number): Promise<RenderedDigest> {
  const files = templateFiles()
  const template = await loadDigestTemplate(files)
  const entries = Array.from({ length: messages }, (_, index) =>
    entryOf({ subject: `Your order ${index} is waiting for you at the shop` }),
  )
  return renderDigest(template, loadLocales(files).wordsFor('en'), viewOf(entries))
}
