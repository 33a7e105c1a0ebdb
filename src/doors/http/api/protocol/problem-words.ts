import type { ErrorCode } from '../../../../ground/errors.ts'

/** What each code of a problem means, for the OpenAPI document. */
export const PROBLEM_WORDS = {
  REQUEST_INVALID: 'The request does not match this document. `errors` names the places.',
  BODY_UNREADABLE: 'The body is not JSON in UTF-8.',
  BODY_TOO_LARGE: 'The body is too large.',
  BODY_TYPE_UNKNOWN: 'The body is not `application/json` in UTF-8, or it is compressed.',
  API_KEY_INVALID: 'The key is missing, wrong or revoked.',
  API_SCOPE_MISSING: 'The key was not made with the scope that this needs.',
  EDIT_CONFLICT: 'Somebody else changed it after you read it. Nothing was overwritten.',
  OUT_OF_REACH: 'The request is about a domain or a reader that the key does not cover.',
  TOO_MANY_REQUESTS:
    'The key or the network address made too many requests. `Retry-After` says how long to wait.',
  INTERNAL: "The server failed. The server's log says why.",
  DATABASE_UNREACHABLE: 'A database is away. Other codes of this status name other faults of the databases.',
  DIRECTORY_UNREACHABLE:
    'The directory is away, or it does not say whether the reader reads what waits. `detail` says which.',
  DIRECTORY_REFUSED: 'The directory refuses to answer. `detail` says why.',
  SCHEDULE_UNKNOWN: 'There is no schedule of this name that the key can see.',
  SCHEDULE_INVALID: 'The schedule cannot be used like this. `detail` says why.',
  SCHEDULE_IN_USE: 'Settings name this schedule.',
  SETTING_INVALID: 'A setting or the scope cannot be used. `errors` names the settings.',
  SETTING_LOCKED:
    "An admin has turned off this reader's digests, or the directory lets the reader get none of what waits.",
  CSV_INVALID: 'Some items cannot be used. `errors` names them. Nothing was changed.',
  READER_UNKNOWN: 'This is not the address of a reader.',
  NOTHING_WAITS: 'No message waits for this reader.',
  RUN_OVERTAKEN: 'Other processes make digests of the same messages right now. Repeat the request.',
  DIGEST_UNKNOWN: 'There is no digest of this id that the key can see.',
  RESEND_REFUSED: 'The digest cannot be sent again. `detail` says why.',
  RELEASE_UNKNOWN: 'There is no release of this id that the key can see.',
  MESSAGE_GONE:
    'The quarantine does not have this message, or this part of it, for anybody whom the key covers.',
  HELD_UNKNOWN: 'The quarantine has no such message for a recipient whom the key covers.',
  REQUEST_UNKNOWN: 'There is no request of this id that the key can see.',
  REQUEST_DECIDED:
    'The request is over, or needs the approval of somebody else. `detail` says who decided what.',
  SENDER_INVALID: 'No entry can be made of this sender for this owner. `detail` says why.',
  SENDERS_FULL: 'The owner has as many entries as `senders.most` allows.',
  SENDERS_OFF: 'No allow and block lists are kept here (`senders.kind`).',
  SENDERS_UNREACHABLE:
    'Where the lists are written does not answer. See whether the change is there before you repeat it.',
  SENDERS_REFUSED: 'Where the lists are written refuses the change. `detail` says why.',
  POLICY_REFUSED: 'The policy does not allow the release of this kind of mail.',
  LEARN_OFF: 'The configuration lets nobody learn that from such an answer.',
  LEARN_FAILED: 'The filter did not take it. `detail` says why.',
  AMAVISD_REFUSED: 'amavisd refused the release.',
  RELEASE_UNCERTAIN: "amavisd's answer was lost. A copy may have been delivered.",
} as const satisfies Partial<Record<ErrorCode, string>>

/** A code that the OpenAPI document describes. */
export type ProblemCode = keyof typeof PROBLEM_WORDS
