import type { ContentKind } from '../../ground/amavis/content.ts'

/**
 * What an admin lets readers do with held messages of one kind: release them with one click, release them only after a
 * second and explicit confirmation, or never release them (such mail is not listed either).
 */
export type ReleasePolicy = 'release' | 'confirm' | 'never'

/** One policy for each kind of content. */
export type ReleasePolicies = Readonly<Record<ContentKind, ReleasePolicy>>
