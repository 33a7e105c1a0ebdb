import { type Check, type Finding, fail, ok, skip, warn } from '../../../ground/health/check.ts'
import type { ReleaseEndpoint } from './release-endpoint.ts'

/** Whether each amavisd can be asked to release, and asks for the secret that keeps strangers out. */
export const releaseChecks = (endpoints: readonly ReleaseEndpoint[]): readonly Check[] => [
  { id: 'release.reachable', isToldAnyway: true, run: () => ofEach(endpoints, reachable) },
  {
    id: 'release.secret',
    // amavisd logs an error for it.
    isNoticed: true,
    needs: ['release.reachable'],
    run: signal => ofEach(endpoints, endpoint => secret(endpoint, signal)),
  },
]

async function ofEach(
  endpoints: readonly ReleaseEndpoint[],
  look: (endpoint: ReleaseEndpoint) => Promise<Finding>,
): Promise<Finding[]> {
  return Promise.all(
    endpoints.map(async endpoint =>
      (await endpoint.isNeeded()) ? look(endpoint) : ok(`${named(endpoint)}: no mail is held that needs it`),
    ),
  )
}

async function reachable(endpoint: ReleaseEndpoint): Promise<Finding> {
  const fault = endpoint.fileFault()
  if (fault) return fail(`${named(endpoint)}: ${fault.message}`, fault.fix, 'AMAVISD_UNREACHABLE')
  const reply = await endpoint.probe()
  if (reply === undefined) return ok(`${named(endpoint)}: amavisd answers`)
  return fail(`${named(endpoint)}: ${sentenceOf(reply)}`, fixOf(endpoint, reply), 'AMAVISD_UNREACHABLE')
}

const named = ({ option, address }: ReleaseEndpoint): string => `${option} (${address})`

/** A fault of the network has only a code. */
function sentenceOf(reply: string): string {
  const [, words] = NETWORK_FAULTS.find(([codes]) => codes.test(reply)) ?? []
  return words === undefined ? reply : `${words} (${reply})`
}

const NETWORK_FAULTS: readonly (readonly [codes: RegExp, words: string])[] = [
  [/ECONNREFUSED/, 'nobody listens there'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name of its host does not resolve'],
  [/EACCES|EPERM/, 'our user may not open it'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'the host does not answer'],
]

/** @param reply of `probeAmPdp`, or of a socket */
function fixOf({ option }: ReleaseEndpoint, reply: string): string {
  if (/SMTP port/.test(reply))
    return `That port takes mail. Let ${option} name the port of AM.PDP: ${SAMPLE} opens 9998.`
  if (/not AM\.PDP/.test(reply))
    return `Something else listens there. Let ${option} name the port of AM.PDP: ${SAMPLE} opens 9998.`
  if (/ENOTFOUND|EAI_AGAIN/.test(reply)) return `Correct the host in ${option}.`
  if (/EACCES|EPERM/.test(reply)) return 'Let the user of the service open it, then restart the service.'
  return `Start amavisd. If it runs, let it listen there (${SAMPLE}) and take requests from this machine (@inet_acl), or correct ${option}.`
}

const SAMPLE = 'packaging/amavisd/60-amavis-digest'

async function secret(endpoint: ReleaseEndpoint, signal: AbortSignal): Promise<Finding> {
  const required = await endpoint.isSecretRequired(signal)
  if (required === undefined)
    return skip(`${named(endpoint)}: whether amavisd wants the secret of a message cannot be told here`)
  if (required) return ok(`${named(endpoint)}: amavisd releases nothing without its secret`)
  return warn(
    `${named(endpoint)}: amavisd releases mail without its secret ($auth_required_release is off), so whoever reaches it and knows or guesses a mail id gets that mail.`,
    "Set $auth_required_release = 1 in amavisd's configuration and in its policy bank for AM.PDP; restart amavisd.",
  )
}
