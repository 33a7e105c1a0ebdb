import { type Brand, brandOfPages, NO_BRAND } from '../../../ground/brand/brand.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import type { PagePart } from '../web/constant-texts.ts'
import { pageModelOf } from './page-model.ts'
import { loadPageTemplates } from './page-templates.ts'
import type { PageContext, PageView } from './page-view.ts'

export interface Pages {
  /** Renders a complete HTML document in the first of the reader's languages that has a translation. */
  render(view: PageView, context: PageContext): string
  /** The same in parts, which takes less time. */
  parts(view: PageView, context: PageContext): readonly PagePart[]
}

/**
 * Reads and checks the templates of all pages once.
 * @param brand whose pages these are
 * @throws CodedError TEMPLATE_INVALID, which names the faulty file
 */
export function loadPages(files: TemplateFiles, locales: Locales, brand: Brand = NO_BRAND): Pages {
  const shown = brandOfPages(brand)
  const templates = loadPageTemplates(files)
  const fill = (view: PageView, context: PageContext) => {
    const words = locales.wordsFor(...context.languages)
    return templates[view.page]({ ...shown, ...pageModelOf(view, words, context) }, words)
  }
  return {
    render: (view, context) => fill(view, context).text(),
    parts: (view, context) => fill(view, context).parts(),
  }
}
