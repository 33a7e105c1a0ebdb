import type { Logger } from 'pino'
import type { TemplateFiles } from '../ground/templates/template-files.ts'
import { unusedNames } from '../ground/templates/unused-names.ts'

/**
 * Warns of an admin's templates that show less than ours, as one does that was made for an older version. It may be on
 * purpose, so it is no error.
 */
export function warnOfUnusedNames(files: TemplateFiles, log: Logger): void {
  for (const { file, names } of unusedNames(files)) {
    log.warn({ file, names }, `${file} ${LACKS} ${names.join(', ')}. ${WHAT_TO_DO}`)
  }
}

const LACKS = 'of templates.folder does not use, but ours does:'

const WHAT_TO_DO = 'If you did not leave them out on purpose, compare it with ours, which may be newer.'
