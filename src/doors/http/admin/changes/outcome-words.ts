import type { Writer } from '../../web/writer.ts'
import type { Badge } from '../frame/badges.ts'

/** What came of something, in a few words. The audit keeps words of the program and the codes of its errors. */
export function outcomeBadge(outcome: string, { words }: Writer): Badge {
  const key = OUTCOMES[outcome] ?? (outcome.startsWith('SMTP_') ? 'unsent' : 'failed')
  return { label: words.say(`admin.changes.outcomes.${key}`), mood: MOODS[key] ?? '' }
}

const OUTCOMES: Readonly<Record<string, string>> = {
  done: 'done',
  made: 'done',
  changed: 'done',
  removed: 'done',
  revoked: 'done',
  deleted: 'done',
  restored: 'done',
  approved: 'done',
  first: 'done',
  taught: 'done',
  // What was seen by a look.
  list: 'looked',
  message: 'looked',
  settings: 'looked',
  senders: 'looked',
  released: 'released',
  'released-again': 'released',
  'already-released': 'before',
  over: 'before',
  queued: 'queued',
  AMAVISD_UNREACHABLE: 'queued',
  AMAVISD_DEFERRED: 'queued',
  due: 'due',
  'in-hand': 'inHand',
  'being-released': 'inHand',
  sent: 'sent',
  'sent-anew': 'sent',
  'made-anew': 'made',
  'nothing-waits': 'nothing',
  dropped: 'dropped',
  printed: 'printed',
  button: 'button',
  CONFIRMATION_REQUIRED: 'confirm',
  LINK_MALFORMED: 'badLink',
  LINK_FORGED: 'badLink',
  SIGN_IN_FAILED: 'badLink',
  LINK_EXPIRED: 'expired',
  POLICY_REFUSED: 'policy',
  OUT_OF_REACH: 'policy',
  MESSAGE_GONE: 'gone',
  AMAVISD_REFUSED: 'refused',
  RELEASE_UNCERTAIN: 'uncertain',
  uncertain: 'uncertain',
  refused: 'unsent',
  API_KEY_INVALID: 'badKey',
  'too-many': 'tooMany',
  'too-many-at-once': 'tooMany',
  TOO_MANY_REQUESTS: 'tooMany',
}

const MOODS: Readonly<Record<string, string>> = {
  done: 'good',
  released: 'good',
  before: 'good',
  sent: 'good',
  queued: 'wait',
  due: 'wait',
  inHand: 'wait',
  made: 'wait',
  confirm: 'wait',
  refused: 'bad',
  uncertain: 'bad',
  unsent: 'bad',
  failed: 'bad',
}
