import type { ErrorCode } from '../../../ground/errors.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import type { LinkToSettings } from './page-view.ts'

/** A failure in plain words: what happened, and what to do next. */
export interface Problem {
  readonly title: string
  readonly what: string
  readonly next: string
}

/**
 * The words for a failure that reached a browser.
 *
 * @param link the link that it happened at, unless that was a link to a message
 */
export function problemOf(code: ErrorCode, words: Words, link?: LinkToSettings): Problem {
  const isOver = code === 'LINK_EXPIRED' || code === 'MESSAGE_GONE'
  const key = `page.problem.${link && isOver ? `${link}Expired` : PROBLEMS[code]}`
  return { title: words.say(`${key}.title`), what: words.say(`${key}.what`), next: words.say(`${key}.next`) }
}

/** The key of the sentences for each code. A reader sees any server fault as one of two problems. */
const PROBLEMS = {
  LINK_MALFORMED: 'linkBroken',
  LINK_FORGED: 'linkForged',
  LINK_EXPIRED: 'linkExpired',
  MESSAGE_GONE: 'gone',
  HELD_UNKNOWN: 'gone',
  POLICY_REFUSED: 'refusedByPolicy',
  CONFIRMATION_REQUIRED: 'unconfirmed',
  TOO_MANY_REQUESTS: 'tooMany',
  PAGE_UNKNOWN: 'pageUnknown',
  METHOD_UNKNOWN: 'notUnderstood',
  BODY_UNREADABLE: 'notUnderstood',
  BODY_TOO_LARGE: 'notUnderstood',
  BODY_TYPE_UNKNOWN: 'notUnderstood',

  AMAVISD_UNREACHABLE: 'amavisdAway',
  AMAVISD_DEFERRED: 'amavisdAway',
  AMAVISD_REFUSED: 'amavisdRefused',
  RELEASE_UNCERTAIN: 'uncertain',

  DATABASE_UNREACHABLE: 'unavailable',
  DATABASE_READ_ONLY: 'unavailable',
  DATABASE_REFUSED: 'unavailable',
  DATABASE_GRANT_MISSING: 'unavailable',
  STORAGE_SCHEMA_UNKNOWN: 'unavailable',
  STATE_UNMIGRATED: 'unavailable',
  STATE_NEWER: 'unavailable',
  CLOCK_WRONG: 'unavailable',
  TABLE_MISSING: 'unavailable',
  PORT_UNAVAILABLE: 'unavailable',
  QUEUE_UNREACHABLE: 'unavailable',
  DIRECTORY_UNREACHABLE: 'unavailable',
  DIRECTORY_REFUSED: 'unavailable',
  RUN_OVERTAKEN: 'unavailable',
  SMTP_UNREACHABLE: 'unavailable',
  SMTP_HOST_UNKNOWN: 'unavailable',
  SMTP_NOT_SPOKEN: 'unavailable',
  SMTP_TLS_FAILED: 'unavailable',
  SMTP_CERTIFICATE_UNTRUSTED: 'unavailable',
  SMTP_CERTIFICATE_WRONG_NAME: 'unavailable',
  SMTP_LOGIN_REFUSED: 'unavailable',

  SCHEDULE_INVALID: 'notUnderstood',
  SCHEDULE_IN_USE: 'inUse',
  SCHEDULE_UNKNOWN: 'pageUnknown',
  SETTING_INVALID: 'notUnderstood',
  SETTING_LOCKED: 'locked',
  EDIT_CONFLICT: 'changedMeanwhile',
  CSV_INVALID: 'notUnderstood',
  READER_UNKNOWN: 'pageUnknown',
  DIGEST_UNKNOWN: 'pageUnknown',
  RESEND_REFUSED: 'notResent',
  RELEASE_UNKNOWN: 'pageUnknown',
  OUT_OF_REACH: 'outOfReach',
  NOT_SIGNED_IN: 'notSignedIn',
  SIGN_IN_FAILED: 'signInFailed',
  SIGN_IN_UNREACHABLE: 'unavailable',
  FORM_STALE: 'formStale',
  API_KEY_INVALID: 'outOfReach',
  API_KEY_UNKNOWN: 'pageUnknown',
  API_SCOPE_MISSING: 'outOfReach',
  REQUEST_INVALID: 'notUnderstood',
  REQUEST_UNKNOWN: 'pageUnknown',
  REQUEST_DECIDED: 'internal',
  SENDER_INVALID: 'senderInvalid',
  SENDERS_FULL: 'sendersFull',
  SENDERS_OFF: 'sendersOff',
  SENDERS_UNREACHABLE: 'sendersAway',
  SENDERS_REFUSED: 'sendersRefused',
  LEARN_OFF: 'outOfReach',
  LEARN_FAILED: 'learnFailed',

  USAGE: 'internal',
  CONFIG_INVALID: 'internal',
  CONFIG_EXISTS: 'internal',
  CONFIG_UNSAFE: 'internal',
  KEY_FILE_UNSAFE: 'internal',
  KEY_FILE_INVALID: 'internal',
  KEY_FILE_BUSY: 'internal',
  KEY_FILE_LOST: 'internal',
  KEY_UNKNOWN: 'internal',
  TEMPLATE_INVALID: 'internal',
  NOTHING_WAITS: 'pageUnknown',
  INTERNAL: 'internal',
} as const satisfies Record<ErrorCode, string>
