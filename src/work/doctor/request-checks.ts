import { KINDS } from '../../ground/amavis/content.ts'
import type { Config } from '../../ground/config/schema.ts'
import { type Check, type Finding, ok, warn } from '../../ground/health/check.ts'
import { type PoliciesOfDomain, policiesOf } from '../../rules/policy/policy.ts'
import { type ConfiguredAdmin, getsRequests } from '../../rules/reach/admins.ts'
import { reaches } from '../../rules/reach/reach.ts'

interface Asked {
  readonly admins: readonly ConfiguredAdmin[]
  readonly policy: Config['policy']
}

/** Checks of who decides what readers ask for. */
export const requestChecks = (config: Asked): readonly Check[] => [
  { id: 'requests.admins', run: async () => [requestAdmins(config)] },
]

/** Whether somebody decides, and is told, wherever the policy says `request`. */
export function requestAdmins({ admins, policy }: Asked): Finding {
  const domains = domainsWithRequests(policy)
  if (domains.length === 0) return ok('no policy says request')
  const deciders = admins.filter(({ role }) => role !== 'helpDesk')
  const undecided = domains.filter(domain => !deciders.some(admin => covers(admin, domain)))
  if (undecided.length > 0)
    return warn(
      `readers of ${namesOf(undecided)} can ask for messages, and no admin there decides: each request ends unanswered`,
      'Add an admin of these domains to admins, or set their policy to something other than request, and restart the service.',
    )
  const told = deciders.filter(getsRequests)
  const untold = domains.filter(domain => !told.some(admin => covers(admin, domain)))
  if (untold.length > 0)
    return warn(
      `readers of ${namesOf(untold)} can ask for messages, and no admin gets a mail about it (requests: false)`,
      'Leave out requests: false for one of these admins, or look at the page of requests every day.',
    )
  return ok('wherever the policy says request, an admin decides and is told')
}

/** A domain, or everything that has no policies of its own. */
type Place = string

/** No domain is called so. */
const OTHERS = '*'

function domainsWithRequests(policy: Config['policy']): readonly Place[] {
  const policies = policiesOf(policy)
  const own: readonly (readonly [string, PoliciesOfDomain])[] = Object.entries(policy.domains ?? {})
  const asks = (recipient: string) => {
    const inForce = policies.of(recipient)
    return KINDS.some(kind => inForce[kind] === 'request')
  }
  const named = own.map(([domain]) => domain).filter(domain => asks(`postmaster@${domain}`))
  return [...(KINDS.some(kind => policy[kind] === 'request') ? [OTHERS] : []), ...named]
}

const covers = ({ domains }: ConfiguredAdmin, place: Place): boolean =>
  place === OTHERS ? domains === undefined : reaches(domains, place)

function namesOf(places: readonly Place[]): string {
  const names = places.filter(place => place !== OTHERS)
  const shown = names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), '…'] : names
  return [...(places.includes(OTHERS) ? ['domains without policies of their own'] : []), ...shown].join(', ')
}

const MOST_NAMED = 10
