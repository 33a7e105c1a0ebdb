import { given } from '../../given.ts'
import { type FindReleasesDeps, findReleases } from './find-releases.ts'
import { type AdminReleaseDeps, releaseByAdmin } from './release-by-admin.ts'

export type ReleaseDeskDeps = FindReleasesDeps & AdminReleaseDeps

/** What admins do with releases. */
export const releaseDesk = (deps: ReleaseDeskDeps) => ({
  list: given(deps, findReleases),
  release: given(deps, releaseByAdmin),
})

export type ReleaseDesk = ReturnType<typeof releaseDesk>
