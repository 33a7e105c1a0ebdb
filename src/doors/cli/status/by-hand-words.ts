import type { ByHand } from '../../../desks/admin/stuck/by-hand.ts'
import type { Did } from '../../../desks/admin/stuck/target.ts'
import { displayText } from '../../../ground/display/text.ts'

/** The sentence that tells an admin what was done to one digest or release. */
export function sentenceOf(done: ByHand): string {
  const whose = done.whose === null ? 'its recipient' : displayText(done.whose, 100)
  const sentence = (done.kind === 'digest' ? DIGEST : RELEASE)[done.did]
  return `${done.kind} ${done.id}: ${sentence(whose)}${done.code === null ? '' : ` (${done.code})`}`
}

type Sentences = Readonly<Record<Did, (whose: string) => string>>

const OVER = () => 'it has already ended; there was nothing to do.'

const DIGEST: Sentences = {
  due: whose => `due now, to ${whose}; a running "amavis-digest serve" or worker sends it.`,
  'in-hand': () => 'a running process is working on it; it was not touched.',
  over: OVER,
  'sent-anew': whose => `its messages went to ${whose} in a new digest.`,
  'made-anew': whose => `a new digest with its messages was made for ${whose}; it could not be sent yet.`,
  'nothing-waits': whose => `nothing waits for ${whose}, or no digest goes there now.`,
  dropped: whose =>
    `it will not be sent to ${whose}. Its messages stay listed in it, so that no other digest lists them.`,
  released: OVER,
  'released-again': OVER,
  queued: OVER,
  failed: OVER,
}

const RELEASE: Sentences = {
  due: whose => `due now, to ${whose}; a running "amavis-digest serve" or worker asks amavisd.`,
  'in-hand': () => 'amavisd is being asked to release it right now; it was not touched.',
  over: OVER,
  released: whose => `released to ${whose}.`,
  'released-again': whose => `released to ${whose}. If an earlier copy arrived, this is the second one.`,
  queued: whose => `amavisd could not deliver it to ${whose} now, and is asked again.`,
  failed: whose => `it was not released to ${whose}.`,
  dropped: whose => `amavisd is no longer asked to release it; ${whose} may ask again.`,
  'sent-anew': OVER,
  'made-anew': OVER,
  'nothing-waits': OVER,
}
