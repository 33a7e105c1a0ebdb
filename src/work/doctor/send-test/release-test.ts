import { type Finding, fail, ok } from '../../../ground/health/check.ts'
import { asAdminFor } from '../../../rules/reach/visitor.ts'
import type { Item } from '../../collect/items.ts'
import { findRelease } from '../../release/claims.ts'
import { releaseMessage } from '../../release/release-message.ts'
import { DOCTOR } from './doctor-actor.ts'
import type { SendTestDeps } from './send-test-deps.ts'

/** Releases the test mail as a click would. */
export async function releaseTest({ releases }: SendTestDeps, item: Item): Promise<Finding> {
  const { status, code } = await releaseMessage(releases, item, {
    visitor: asAdminFor(item.reader),
    actor: DOCTOR,
    confirmed: true,
    again: false,
  })
  const reply = (await findRelease(releases.state, item.heldId))?.reply ?? ''
  if (status === 'released' || status === 'already-released') return ok(`released: ${reply}`)
  if (code === 'AMAVISD_UNREACHABLE')
    return fail(`Not released: amavisd could not be asked: ${reply}`, 'See release.reachable above.')
  if (code === 'AMAVISD_DEFERRED')
    return fail(`Not released: amavisd could not hand the mail on: ${reply}`, TARGET)
  if (code === 'RELEASE_UNCERTAIN')
    return fail(`Never answered: whether the mail was released is not known: ${reply}`, TARGET)
  return fail(`Not released: ${reply || code}`, TARGET)
}

const TARGET =
  "Set $release_method = 'smtp:[127.0.0.1]:10025'; (the port at which your MTA takes mail back from the filter) in amavisd's configuration, and restart it; its log says more."
