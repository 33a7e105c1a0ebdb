import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'

/**
 * What an admin lets readers do with held messages of one kind: release them with one click, release them only after a
 * second and explicit confirmation, ask an admin for them, or never release them (such mail is not listed either).
 */
export type ReleasePolicy = 'release' | 'confirm' | 'request' | 'never'

/** One policy for each kind of content. */
export type ReleasePolicies = Readonly<Record<ContentKind, ReleasePolicy>>

/** The policies of all domains. */
export interface Policies {
  /** Those for mail to this recipient. */
  of(recipient: string): ReleasePolicies
  /** The setting that decides about such mail to this recipient, such as `policy.domains.example.com.virus`. */
  settingFor(recipient: string, kind: ContentKind): string
  /** Each set of policies that is in force somewhere. */
  readonly all: readonly ReleasePolicies[]
  /** Whether a virus that has to be asked for is released only when two admins have approved of it. */
  readonly virusNeedsTwo?: boolean | undefined
}

/** The policies as the configuration has them: those for everybody, and what differs in some domains. */
export interface ConfiguredPolicies extends ReleasePolicies {
  /** By domain, in the form of `domainName`; a subdomain counts separately. */
  readonly domains?: Readonly<Record<string, PoliciesOfDomain>> | undefined
}

/** What differs for one domain. */
export type PoliciesOfDomain = { readonly [Kind in ContentKind]?: ReleasePolicy | undefined }

export function policiesOf(
  { domains = {}, ...standard }: ConfiguredPolicies,
  { virusNeedsTwo }: Pick<Policies, 'virusNeedsTwo'> = {},
): Policies {
  const byDomain = new Map(
    Object.entries(domains).map(([domain, own]) => [domain, combined(standard, own)] as const),
  )
  return {
    // Mostly no domain has its own, and whoever lists messages asks about each of them.
    of: recipient => (byDomain.size === 0 ? standard : (byDomain.get(domainIn(recipient)) ?? standard)),
    settingFor: (recipient, kind) => {
      const domain = domainIn(recipient)
      const isOwn = Object.hasOwn(domains, domain) && domains[domain]?.[kind] !== undefined
      return isOwn ? `policy.domains.${domain}.${kind}` : `policy.${kind}`
    },
    all: [standard, ...byDomain.values()],
    virusNeedsTwo,
  }
}

const domainIn = (recipient: string): string => domainOf(readerAddress(recipient) ?? recipient)

/** A kind that a domain leaves out has the policy that holds for everybody. */
const combined = (standard: ReleasePolicies, own: PoliciesOfDomain): ReleasePolicies => ({
  ...standard,
  ...Object.fromEntries(KINDS.flatMap(kind => (own[kind] === undefined ? [] : [[kind, own[kind]]]))),
})
