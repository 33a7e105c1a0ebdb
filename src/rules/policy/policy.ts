import type { ContentKind } from '../../ground/amavis/content.ts'

/**
 * What a reader may do with a held message of some kind: release it with one click, only after a second and explicit
 * confirmation, or never (such mail is not listed either).
 */
export type ReleasePolicy = 'release' | 'confirm' | 'never'

/** One policy for each kind of content. */
export type ReleasePolicies = Readonly<Record<ContentKind, ReleasePolicy>>

/** Content that may harm needs at least the button, even where an admin asks for no confirmation. */
export const mayReleaseItself = (kind: ContentKind, policy: ReleasePolicy): boolean =>
  policy === 'release' && !RISKY.includes(kind)

const RISKY: readonly ContentKind[] = ['banned', 'unchecked', 'virus']
