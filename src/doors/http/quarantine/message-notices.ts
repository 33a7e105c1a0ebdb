import type { ErrorCode } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { problemOf } from '../pages/page-problems.ts'
import type { MessageNotice } from './shown-message.ts'

/** What the form that was just sent led to, in words. Undefined where the page asks for a confirmation. */
export function noticeModel(notice: MessageNotice, words: Words): object | undefined {
  if (notice.is === 'sender') return undefined
  if (notice.is !== 'failed') {
    return {
      mood: GOOD.has(notice.is) ? 'good' : 'wait',
      text: words.say(DONE[notice.is]),
      next: '',
    }
  }
  if (notice.code === 'CONFIRMATION_REQUIRED') return undefined
  const { what, next } = problemOf(notice.code, words)
  return { mood: 'bad', text: what, next: SAYS_NEXT.has(notice.code) ? next : '' }
}

const DONE = {
  deleted: 'message.done.deleted',
  restored: 'message.done.restored',
  'not-restored': 'quarantine.notice.not-restored',
  'being-released': 'message.done.beingReleased',
  learnt: 'message.done.learnt',
} as const

const GOOD: ReadonlySet<MessageNotice['is']> = new Set(['deleted', 'restored', 'learnt'])

/** The advice for other problems is about the links in a digest. */
const SAYS_NEXT: ReadonlySet<ErrorCode> = new Set([
  'AMAVISD_UNREACHABLE',
  'AMAVISD_DEFERRED',
  'AMAVISD_REFUSED',
  'RELEASE_UNCERTAIN',
  'POLICY_REFUSED',
  'LEARN_FAILED',
])
