/**
 * Every way in which this program refuses or fails, as a closed set. The codes are stable: they appear in JSON answers,
 * logs and the audit table, and other people's scripts may match on them.
 */
export type ErrorCode = keyof typeof ERRORS

interface ErrorClass {
  readonly httpStatus: number
  readonly exitCode: 1 | 2
}

/** The one place that maps a code to an HTTP status and to the exit status of a command. */
const ERRORS = {
  USAGE: { httpStatus: 400, exitCode: 2 },
  CONFIG_INVALID: { httpStatus: 500, exitCode: 2 },
  CONFIG_EXISTS: { httpStatus: 500, exitCode: 2 },
  CONFIG_UNSAFE: { httpStatus: 500, exitCode: 2 },
  KEY_FILE_UNSAFE: { httpStatus: 500, exitCode: 2 },
  KEY_FILE_INVALID: { httpStatus: 500, exitCode: 2 },
  KEY_FILE_BUSY: { httpStatus: 503, exitCode: 1 },
  KEY_FILE_LOST: { httpStatus: 503, exitCode: 1 },
  KEY_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  TEMPLATE_INVALID: { httpStatus: 500, exitCode: 2 },

  DATABASE_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  DATABASE_READ_ONLY: { httpStatus: 503, exitCode: 1 },
  DATABASE_REFUSED: { httpStatus: 503, exitCode: 1 },
  DATABASE_GRANT_MISSING: { httpStatus: 503, exitCode: 1 },
  TABLE_MISSING: { httpStatus: 503, exitCode: 1 },
  STORAGE_SCHEMA_UNKNOWN: { httpStatus: 503, exitCode: 1 },
  STATE_UNMIGRATED: { httpStatus: 503, exitCode: 1 },
  STATE_NEWER: { httpStatus: 503, exitCode: 1 },
  CLOCK_WRONG: { httpStatus: 503, exitCode: 1 },

  DIRECTORY_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  DIRECTORY_REFUSED: { httpStatus: 503, exitCode: 1 },

  NOTHING_WAITS: { httpStatus: 404, exitCode: 1 },
  RUN_OVERTAKEN: { httpStatus: 409, exitCode: 1 },
  SCHEDULE_UNKNOWN: { httpStatus: 404, exitCode: 2 },
  SCHEDULE_INVALID: { httpStatus: 400, exitCode: 2 },
  SCHEDULE_IN_USE: { httpStatus: 409, exitCode: 2 },
  SETTING_INVALID: { httpStatus: 400, exitCode: 2 },
  SETTING_LOCKED: { httpStatus: 403, exitCode: 1 },
  EDIT_CONFLICT: { httpStatus: 409, exitCode: 1 },
  CSV_INVALID: { httpStatus: 400, exitCode: 2 },
  READER_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  DIGEST_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  RESEND_REFUSED: { httpStatus: 409, exitCode: 1 },
  RELEASE_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  OUT_OF_REACH: { httpStatus: 403, exitCode: 1 },
  NOT_SIGNED_IN: { httpStatus: 401, exitCode: 1 },
  SIGN_IN_FAILED: { httpStatus: 403, exitCode: 1 },
  SIGN_IN_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  FORM_STALE: { httpStatus: 403, exitCode: 1 },
  API_KEY_INVALID: { httpStatus: 401, exitCode: 1 },
  API_KEY_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  API_SCOPE_MISSING: { httpStatus: 403, exitCode: 1 },
  REQUEST_INVALID: { httpStatus: 400, exitCode: 2 },
  PORT_UNAVAILABLE: { httpStatus: 503, exitCode: 1 },

  LINK_MALFORMED: { httpStatus: 400, exitCode: 1 },
  LINK_FORGED: { httpStatus: 401, exitCode: 1 },
  LINK_EXPIRED: { httpStatus: 410, exitCode: 1 },
  POLICY_REFUSED: { httpStatus: 403, exitCode: 1 },
  CONFIRMATION_REQUIRED: { httpStatus: 403, exitCode: 1 },
  MESSAGE_GONE: { httpStatus: 404, exitCode: 1 },
  HELD_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  REQUEST_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  REQUEST_DECIDED: { httpStatus: 409, exitCode: 1 },
  SENDER_INVALID: { httpStatus: 400, exitCode: 2 },
  SENDERS_FULL: { httpStatus: 409, exitCode: 1 },
  SENDERS_OFF: { httpStatus: 403, exitCode: 1 },
  SENDERS_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  SENDERS_REFUSED: { httpStatus: 502, exitCode: 1 },
  LEARN_OFF: { httpStatus: 403, exitCode: 1 },
  LEARN_FAILED: { httpStatus: 502, exitCode: 1 },
  PAGE_UNKNOWN: { httpStatus: 404, exitCode: 1 },
  METHOD_UNKNOWN: { httpStatus: 405, exitCode: 1 },
  BODY_UNREADABLE: { httpStatus: 400, exitCode: 1 },
  BODY_TOO_LARGE: { httpStatus: 413, exitCode: 1 },
  BODY_TYPE_UNKNOWN: { httpStatus: 415, exitCode: 1 },
  TOO_MANY_REQUESTS: { httpStatus: 429, exitCode: 1 },

  AMAVISD_UNREACHABLE: { httpStatus: 202, exitCode: 1 },
  AMAVISD_DEFERRED: { httpStatus: 202, exitCode: 1 },
  AMAVISD_REFUSED: { httpStatus: 502, exitCode: 1 },
  RELEASE_UNCERTAIN: { httpStatus: 502, exitCode: 1 },

  QUEUE_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  SMTP_UNREACHABLE: { httpStatus: 503, exitCode: 1 },
  SMTP_HOST_UNKNOWN: { httpStatus: 503, exitCode: 1 },
  SMTP_NOT_SPOKEN: { httpStatus: 503, exitCode: 1 },
  SMTP_TLS_FAILED: { httpStatus: 503, exitCode: 1 },
  SMTP_CERTIFICATE_UNTRUSTED: { httpStatus: 503, exitCode: 1 },
  SMTP_CERTIFICATE_WRONG_NAME: { httpStatus: 503, exitCode: 1 },
  SMTP_LOGIN_REFUSED: { httpStatus: 503, exitCode: 1 },

  INTERNAL: { httpStatus: 500, exitCode: 1 },
} as const satisfies Record<string, ErrorClass>

/**
 * A failure with a code from the closed set, and a message that tells a person what to do next.
 * The message never contains a secret (token, `secret_id`, password).
 */
export class CodedError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CodedError'
    this.code = code
  }
}

/** The HTTP status that answers a failure of this code. */
export const httpStatusOf = (code: ErrorCode): number => ERRORS[code].httpStatus

/** The exit status of a command that ended with this failure. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof CodedError ? ERRORS[error.code].exitCode : 1
