import { preferencesModel } from '../../pages/page-preferences.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { type AsViewerDeps, lookingAs, viewerOf } from './as-viewer.ts'

/** GET /admin/as/ADDRESS/settings: the reader's settings, which only the reader changes here. */
export const asSettings =
  (deps: AsViewerDeps): AdminHandler =>
  async visit => {
    const viewer = await viewerOf(deps, visit)
    const preferences = await deps.helpDesk.settings(viewer)
    visit.show({
      page: 'as-settings',
      section: 'as',
      lookingAs: lookingAs(deps, viewer),
      model: ({ words, place }) =>
        preferencesModel({ page: 'preferences', preferences, done: undefined }, words, place),
    })
  }
