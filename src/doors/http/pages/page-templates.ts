import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import { htmlTemplates, type PageTemplate } from '../web/html-templates.ts'
import type { PageView } from './page-view.ts'

export type PageName = PageView['page']

export type PageTemplates = Readonly<Record<PageName, PageTemplate>>

/**
 * Compiles `pages/*.html`. Each file of that folder is also a partial under its name without extension, and each of
 * `quarantine` as `quarantine/NAME`.
 * @throws CodedError TEMPLATE_INVALID, which names the faulty file
 */
export function loadPageTemplates(files: TemplateFiles): PageTemplates {
  const template = htmlTemplates(files, { pages: '', quarantine: 'quarantine/' })
  return {
    release: template('release'),
    confirm: template('confirm'),
    ask: template('ask'),
    requested: template('requested'),
    refused: template('refused'),
    released: template('released'),
    queued: template('queued'),
    'release-failed': template('release-failed'),
    message: template('message'),
    digest: template('digest'),
    'digest-released': template('digest-released'),
    preferences: template('preferences'),
    destination: template('destination'),
    canary: template('canary'),
    fresh: template('fresh'),
    error: template('error'),
  }
}
