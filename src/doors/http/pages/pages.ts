import type { Locales } from '../../../ground/i18n/locales.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import { pageModelOf } from './page-model.ts'
import { loadPageTemplates } from './page-templates.ts'
import type { PageContext, PageView } from './page-view.ts'

export interface Pages {
  /** A whole HTML document in the first of the reader's languages that there is. */
  render(view: PageView, context: PageContext): string
}

/**
 * Reads and checks the templates of all pages once.
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export function loadPages(files: TemplateFiles, locales: Locales): Pages {
  const templates = loadPageTemplates(files)
  return {
    render(view, context) {
      const words = locales.wordsFor(...context.languages)
      return templates[view.page](pageModelOf(view, words, context), words)
    },
  }
}
