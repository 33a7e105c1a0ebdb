import { accessSync, constants } from 'node:fs'
import { otherHostFinder } from '../ground/amavis/hosts.ts'
import { createAmPdpTransport } from '../ground/amavisd/am-pdp/am-pdp-transport.ts'
import { isSecretRequired } from '../ground/amavisd/am-pdp/secret-required.ts'
import { createAmavisdReleaseTransport } from '../ground/amavisd/amavisd-release/amavisd-release-transport.ts'
import { endpointOf } from '../ground/amavisd/endpoint.ts'
import { hostName } from '../ground/amavisd/host-transport.ts'
import { socketFault } from '../ground/amavisd/socket-fault.ts'
import { type AmavisdRoutes, findAmavisdRoutes, storesInto } from '../ground/config/amavis/routes.ts'
import type { Config } from '../ground/config/schema.ts'
import { organisationOf } from '../ground/display/organisational-domain.ts'
import { SECOND } from '../ground/durations.ts'
import type { Check } from '../ground/health/check.ts'
import { askInstance } from '../ground/links/instance.ts'
import type { KeyRing } from '../ground/links/key-ring.ts'
import { dkimPublicKey } from '../ground/mail/dkim-public-key.ts'
import type { Mailer } from '../ground/mail/mailer.ts'
import { mailDomain } from '../ground/mail/smtp.ts'
import { createDns } from '../ground/network/dns.ts'
import { greetingOf, isFilter } from '../ground/network/greeting.ts'
import { visitByHttp } from '../ground/network/visit-by-http.ts'
import { heldMailFilter } from '../work/collect/held-mail-filter.ts'
import { addressesOfAmavisd } from '../work/doctor/addresses-of-amavisd.ts'
import { clockOfAmavisd } from '../work/doctor/clock-of-amavisd.ts'
import { dnsChecks } from '../work/doctor/dns/dns-checks.ts'
import { listsOfAmavisd } from '../work/doctor/lists-of-amavisd.ts'
import { publicUrlChecks } from '../work/doctor/public-url/public-url-checks.ts'
import { releaseChecks } from '../work/doctor/release/release-checks.ts'
import type { ReleaseEndpoint } from '../work/doctor/release/release-endpoint.ts'
import { type Answerer, releaseTargetCheck } from '../work/doctor/release/release-target.ts'
import type { CheckGroup, LookWhere } from '../work/doctor/run-checks.ts'
import { scannedDigests } from '../work/doctor/smtp/scanned-digests.ts'
import { smtpChecks } from '../work/doctor/smtp/smtp-checks.ts'
import type { Databases } from './databases-of.ts'

export interface NetworkCheckDeps extends Databases {
  readonly clock: () => number
  readonly mailer: () => Mailer
  readonly keys: () => KeyRing
}

/** What is reached over the network, besides the databases: amavisd, the SMTP server, our own pages, the DNS. */
export function networkChecksOf(
  config: Config,
  deps: NetworkCheckDeps,
  { amavisConf, dnsServer }: LookWhere,
): readonly CheckGroup[] {
  const { storage, state, clock, mailer, keys } = deps
  const domain = mailDomain(config.smtp)
  return [
    {
      title: 'Releasing',
      checks: [
        ...releaseChecks(endpointsOf(config, deps)),
        releaseTargetCheck({ routes: () => routesOf(config.storage.url, amavisConf), whoAnswers }),
      ],
    },
    {
      title: 'What amavisd stores and looks up',
      checks: [
        clockOfAmavisd({
          storage: storage.sql,
          state,
          filter: heldMailFilter(config),
          overlap: config.collect.overlap,
          domain,
          clock,
        }),
        // SQLite keeps octets in a column of any type.
        ...(config.storage.url.startsWith('sqlite:')
          ? []
          : [
              addressesOfAmavisd({
                storage: storage.sql,
                routes: () => routesOf(config.storage.url, amavisConf),
              }),
            ]),
        ...listChecks(config, amavisConf),
      ],
    },
    {
      title: 'Sending digests',
      checks: smtpChecks({
        mailer,
        isFilter: () => greetsAsFilter(config.smtp.url),
        scannedDigests: () => scannedDigests({ storage: storage.sql, state, domain, clock }),
      }),
    },
    {
      title: "Readers' links",
      checks: publicUrlChecks({
        publicUrl: config.publicUrl,
        ownUrl: ownUrlOf(config.http),
        visit: visitByHttp,
        ask: () => askInstance(keys(), clock()),
        clock,
      }),
    },
    { title: 'DNS', checks: dnsChecks({ ...dnsDepsOf(config, domain), dns: createDns(dnsServer) }) },
  ]
}

function listChecks({ senders, storage }: Config, amavisConf: string | undefined): readonly Check[] {
  if (senders.kind === 'none') return []
  const url = senders.kind === 'ispconfig-api' ? undefined : (senders.url ?? storage.url)
  return [listsOfAmavisd({ url, routes: () => routesOf(storage.url, amavisConf) })]
}

/** A configuration that nobody named counts only if it is that of our amavisd: it stores into our database. */
function routesOf(storageUrl: string, amavisConf: string | undefined): AmavisdRoutes | undefined {
  const routes = findAmavisdRoutes(amavisConf)
  return amavisConf !== undefined || storesInto(routes?.storageUrl, storageUrl) ? routes : undefined
}

/** Milliseconds for an amavisd that is asked something which costs it nothing. */
const PATIENCE = 5 * SECOND

function endpointsOf(config: Config, { storage, clock }: NetworkCheckDeps): ReleaseEndpoint[] {
  const { via, hosts } = config.release
  const named = Object.entries(hosts).map(([host, address]) => [`release.hosts.${host}`, address] as const)
  const optionsAt = Map.groupBy([...named, ['release.via', via] as const], ([, address]) => address)
  const otherHost = otherHostFinder({
    storage: storage.sql,
    filter: heldMailFilter(config),
    hosts: Object.keys(hosts).map(hostName),
    retention: config.purge.olderThan,
    clock,
  })
  return [...optionsAt].map(([address, options]) => {
    const isSpare = named.length > 0 && options.every(([option]) => option === 'release.via')
    return endpointAt(options.map(([option]) => option).join(', '), address, async () => {
      return !isSpare || (await otherHost().catch(() => undefined)) !== undefined
    })
  })
}

function endpointAt(option: string, address: string, isNeeded: () => Promise<boolean>): ReleaseEndpoint {
  const endpoint = endpointOf(address)
  const own = { option, address, isNeeded }
  if (endpoint.kind === 'command') {
    const { path } = endpoint
    const settings = { command: path, timeout: PATIENCE, connections: 1, clock: () => performance.now() }
    return {
      ...own,
      fileFault: () => commandFault(path),
      probe: () => createAmavisdReleaseTransport(settings).probe(),
      isSecretRequired: async () => undefined,
    }
  }
  const { via } = endpoint
  return {
    ...own,
    fileFault: () => ('path' in via ? socketFault(via.path) : undefined),
    probe: () => createAmPdpTransport({ via, timeout: PATIENCE, connections: 1 }).probe(),
    isSecretRequired: signal => isSecretRequired(via, PATIENCE, signal),
  }
}

function commandFault(path: string): ReturnType<ReleaseEndpoint['fileFault']> {
  try {
    accessSync(path, constants.X_OK)
    return undefined
  } catch {
    return {
      message: `The command ${path} cannot be run.`,
      fix: 'Install amavisd on this machine, or let release.via name its AM.PDP port.',
    }
  }
}

async function whoAnswers(host: string, port: number): Promise<Answerer> {
  const greeting = await greetingOf(host, port, PATIENCE)
  if (greeting.kind === 'unreachable') return 'nobody'
  return isFilter(greeting) ? 'filter' : 'other'
}

/** With smtps://, nobody greets before TLS. */
async function greetsAsFilter(smtpUrl: string): Promise<boolean | undefined> {
  const { protocol, hostname, port } = new URL(smtpUrl)
  if (protocol === 'smtps:') return undefined
  const greeting = await greetingOf(hostname.replace(/^\[|\]$/g, ''), Number(port || 25), PATIENCE)
  return greeting.kind === 'said' ? isFilter(greeting) : undefined
}

function ownUrlOf({ host, port }: Config['http']): string | undefined {
  if (port === 0) return undefined
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function dnsDepsOf({ smtp }: Config, domain: string) {
  const { dkim } = smtp
  return {
    domain,
    organisation: organisationOf(domain),
    envelopeDomain: smtp.envelopeFrom === '' ? undefined : smtp.envelopeFrom.split('@').at(-1),
    dkim: dkim && (() => ({ ...dkim, publicKey: dkimPublicKey(dkim.keyFile) })),
  }
}
