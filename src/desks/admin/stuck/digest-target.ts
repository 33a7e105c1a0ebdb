import { digestActions } from '../../../work/stuck/digest-actions.ts'
import { type DigestLine, dropDigest, makeDigestDue, sendCopyAnew } from '../../../work/stuck/digest-lines.ts'
import type { ByHandDeps, Result, Step, Target } from './target.ts'

/** @param isNamed true when the admin named this digest: it then goes out even if its reader has paused */
export const digestTarget = (digest: DigestLine, isNamed: boolean): Target => ({
  kind: 'digest',
  id: digest.id,
  reader: digest.reader,
  readers: [digest.reader],
  whose: isCopy(digest) ? digest.deliverTo : digest.reader,
  retry: deps => retry(deps, digest, isNamed),
  drop: deps => drop(deps, digest),
})

const isCopy = ({ copyOf }: DigestLine): boolean => copyOf !== null

async function retry({ state, clock }: ByHandDeps, digest: DigestLine, isNamed: boolean): Promise<Step> {
  switch (digestActions(digest.state, isCopy(digest)).retry) {
    case 'over':
      return { did: 'over' }
    case 'send-anew':
      return deps => sendAnew(deps, digest)
    case 'send-copy-anew':
      return (await sendCopyAnew(state, digest.id, clock())) ? { did: 'due' } : { did: 'over' }
    case 'make-due':
      return (await makeDigestDue(state, digest.id, clock(), isNamed)) ? { did: 'due' } : { did: 'in-hand' }
  }
}

/** The messages of a failed digest wait for the reader's next digest, which this makes now. */
async function sendAnew({ sendNow }: ByHandDeps, { reader }: DigestLine): Promise<Result> {
  const { digests, sent } = await sendNow(reader)
  if (digests === 0) return { did: 'nothing-waits' }
  return { did: sent > 0 ? 'sent-anew' : 'made-anew' }
}

async function drop({ state, clock }: ByHandDeps, digest: DigestLine): Promise<Result> {
  if (digestActions(digest.state, isCopy(digest)).drop === 'over') return { did: 'over' }
  return (await dropDigest(state, digest.id, clock())) ? { did: 'dropped' } : { did: 'in-hand' }
}
