import { type ErrorCode, httpStatusOf } from '../../../../ground/errors.ts'
import type { Words } from '../../../../ground/i18n/locales.ts'
import { type Problem, problemOf } from '../../pages/page-problems.ts'

/** A failure as an admin sees it. Without `next`, the error's own message or the link back says what to do. */
export type AdminProblem = Pick<Problem, 'title' | 'what'> & { readonly next: string | undefined }

/** Uses the words of the readers' pages, except where those mention digests and links, or asking an administrator. */
export function adminProblemOf(code: ErrorCode, words: Words): AdminProblem {
  const problem = problemOf(code, words)
  const say = (key: string) => words.say(`admin.problem.${key}`)
  if (GONE.has(code)) return { title: say('gone'), what: say('goneWhat'), next: undefined }
  if (REFUSED.has(code)) return { ...problem, what: say('refused'), next: undefined }
  if (code === 'INTERNAL') return { ...problem, what: say('internal'), next: undefined }
  return httpStatusOf(code) >= 500 ? { ...problem, next: undefined } : problem
}

const GONE: ReadonlySet<ErrorCode> = new Set([
  'PAGE_UNKNOWN',
  'SCHEDULE_UNKNOWN',
  'READER_UNKNOWN',
  'DIGEST_UNKNOWN',
  'RELEASE_UNKNOWN',
  'NOTHING_WAITS',
  'REQUEST_UNKNOWN',
])

const REFUSED: ReadonlySet<ErrorCode> = new Set([
  'METHOD_UNKNOWN',
  'BODY_UNREADABLE',
  'BODY_TOO_LARGE',
  'BODY_TYPE_UNKNOWN',
  'SCHEDULE_INVALID',
  'SETTING_INVALID',
  'REQUEST_INVALID',
  'SENDER_INVALID',
  'SENDERS_FULL',
  'SENDERS_OFF',
])
