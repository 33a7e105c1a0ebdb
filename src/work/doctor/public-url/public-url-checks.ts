import { DAY } from '../../../ground/durations.ts'
import { type Check, type Finding, fail, ok, skip, warn } from '../../../ground/health/check.ts'
import type { InstanceQuestion } from '../../../ground/links/instance.ts'
import { isThisMachine } from '../../../ground/network/this-machine.ts'
import type { SeenCertificate, Visit } from '../../../ground/network/visit.ts'
import { clientAddressFinding, FORGED_CLIENT } from './client-address.ts'
import { isLost, lostHeaders } from './lost-headers.ts'
import { type Reached, reach } from './reach.ts'

export interface PublicUrlDeps {
  readonly publicUrl: string
  /** Where the service of this machine listens, if it has a fixed port. */
  readonly ownUrl: string | undefined
  readonly visit: Visit
  /** A fresh question, which only a process of this installation can answer. */
  readonly ask: () => InstanceQuestion
  readonly clock: () => number
}

/** Whether the links in mails lead readers to this very installation, safely and by a proxy that loses nothing. */
export const publicUrlChecks = (deps: PublicUrlDeps): readonly Check[] => [
  { id: 'public-url.https', run: async () => [https(new URL(deps.publicUrl))] },
  { id: 'public-url.certificate', isNoticed: true, run: signal => certificate(deps, signal) },
  {
    id: 'public-url.instance',
    isNoticed: true,
    // It signs a question, and would make a key file where there is none.
    needs: ['keys.file'],
    run: async signal => [await instance(deps, signal)],
  },
  {
    id: 'public-url.headers',
    isNoticed: true,
    needs: ['public-url.instance'],
    run: async signal => [await headers(deps, signal)],
  },
  {
    id: 'public-url.client-address',
    isNoticed: true,
    needs: ['public-url.instance'],
    run: async signal => [await clientAddress(deps, signal)],
  },
]

function https(url: URL): Finding {
  if (url.protocol === 'https:') return ok('links are https')
  if (isThisMachine(url.hostname)) return ok('links lead to this machine only')
  return warn(
    'publicUrl is http: whoever is on the way of a request can read and use the links.',
    'Set up https at your web server (docs/guides/web-server.md), then set publicUrl: https://…',
  )
}

async function certificate(
  { publicUrl, visit, clock }: PublicUrlDeps,
  signal: AbortSignal,
): Promise<Finding[]> {
  const url = new URL(publicUrl)
  if (url.protocol !== 'https:') return []
  const visited = await visit(url, {}, signal)
  // What does not answer at all is for public-url.instance to tell.
  if (visited.kind === 'unreachable') return [skip(`no certificate was seen (${visited.reason})`)]
  const seen = visited.certificate
  if (seen?.fault !== undefined) return [badCertificate(url.hostname, seen.fault)]
  if (seen === undefined) return []
  const left = seen.validTo - clock()
  if (left > soon(seen))
    return [ok(`browsers trust its certificate, for ${Math.floor(left / DAY)} more days`)]
  return [
    warn(
      `The certificate of ${url.hostname} expires in ${Math.floor(left / DAY)} days: its renewal does not work.`,
      'See why, for instance: certbot renew --dry-run; and whether the web server reloads after a renewal.',
    ),
  ]
}

/** Certificates are renewed when a third of their time is left, and those of 90 days 30 days before. */
const soon = ({ validFrom, validTo }: SeenCertificate): number =>
  Math.min(14 * DAY, (validTo - validFrom) / 4)

function badCertificate(host: string, fault: string): Finding {
  const why = CERTIFICATE_FAULTS[fault] ?? `is not trusted (${fault})`
  return fail(`The certificate of ${host} ${why}: browsers warn readers off their links.`, RENEW)
}

const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that this machine does not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes without the certificates between it and its authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
}

const RENEW =
  'Get one that is for this name, and let the web server send its whole chain: certbot certonly --webroot … (docs/guides/web-server.md).'

async function instance(deps: PublicUrlDeps, signal: AbortSignal): Promise<Finding> {
  const reached = await reach(deps, deps.publicUrl, {}, signal)
  switch (reached.kind) {
    case 'ours':
      return reached.redirects === 0
        ? ok('it reaches this installation')
        : fail(
            `publicUrl is redirected to ${reached.at}: what readers post is lost on the way.`,
            `publicUrl: ${reached.at}`,
          )
    case 'unreachable':
      return unreachable(deps, reached, signal)
    case 'loop':
      return fail(
        `publicUrl is redirected again and again (the last time to ${reached.at}).`,
        'Mend the redirects of the web server: most often it redirects to https what a proxy before it asks by http.',
      )
    case 'other':
      return other(deps, reached, signal)
  }
}

type Unreachable = Extract<Reached, { kind: 'unreachable' }>

async function unreachable(
  deps: PublicUrlDeps,
  { code, reason }: Unreachable,
  signal: AbortSignal,
): Promise<Finding> {
  const { hostname } = new URL(deps.publicUrl)
  if (UNKNOWN_NAMES.includes(code))
    return fail(
      `The name ${hostname} of publicUrl does not resolve (${code}).`,
      `Add an address record for ${hostname} to your DNS, or correct publicUrl.`,
    )
  const serves = await servesHere(deps, signal)
  if (code === 'EPROTO' || /^ERR_(?:SSL|TLS)_/.test(code))
    return fail(
      `The web server at publicUrl speaks no TLS there (${reason}).`,
      'Set up https at your web server, or correct the port in publicUrl.',
    )
  return fail(
    `Nothing answers at publicUrl (${reason})${serves ? '' : `, and ${NO_SERVICE}`}.`,
    serves ? 'Start the web server, open its port in the firewall, or correct publicUrl.' : START,
  )
}

const UNKNOWN_NAMES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']

async function other(
  deps: PublicUrlDeps,
  { status }: Extract<Reached, { kind: 'other' }>,
  signal: AbortSignal,
): Promise<Finding> {
  const own = deps.ownUrl ?? 'http.host and http.port'
  if (await servesHere(deps, signal))
    return fail(
      `What answers at publicUrl (${status}) is not this installation, although its service runs at ${own}.`,
      `Let the web server pass all of publicUrl's path on to ${own}, as the samples of packaging/ for nginx, Apache and Caddy do.`,
    )
  return fail(
    `What answers at publicUrl (${status}) is not this installation, and ${NO_SERVICE}.`,
    `${START} On several machines, all need the same links.keyFile.`,
  )
}

const NO_SERVICE = 'no service of this installation answers on this machine'
const START = 'Start the service: systemctl start amavis-digest.'

async function servesHere(deps: PublicUrlDeps, signal: AbortSignal): Promise<boolean> {
  if (deps.ownUrl === undefined) return false
  return (await reach(deps, deps.ownUrl, {}, signal)).kind === 'ours'
}

async function headers(deps: PublicUrlDeps, signal: AbortSignal): Promise<Finding> {
  const reached = await reach(deps, deps.publicUrl, {}, signal)
  if (reached.kind !== 'ours') return skip('it was reached a moment ago, and not now')
  const lost = lostHeaders(reached.headers, deps.publicUrl)
  if (!isLost(lost)) return ok('the proxy leaves our headers as they are')
  return warn(
    lost.sentence,
    "Take what removes or adds these headers out of the web server's configuration (proxy_hide_header, more_clear_headers, add_header; Header unset, Header set).",
  )
}

async function clientAddress(deps: PublicUrlDeps, signal: AbortSignal): Promise<Finding> {
  const reached = await reach(deps, deps.publicUrl, { 'X-Forwarded-For': FORGED_CLIENT }, signal)
  if (reached.kind !== 'ours') return skip('it was reached a moment ago, and not now')
  return clientAddressFinding(reached.answer, {
    from: reached.from,
    isTls: deps.publicUrl.startsWith('https:'),
  })
}
