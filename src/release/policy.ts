import type { ContentKind } from '../amavis/content.ts'

/**
 * What a reader may do with a held message of some kind: release it with one click, only after a second and explicit
 * confirmation, or never (such mail is not listed either).
 */
export type ReleasePolicy = 'release' | 'confirm' | 'never'

/** One policy for each kind of content. */
export type ReleasePolicies = Readonly<Record<ContentKind, ReleasePolicy>>
