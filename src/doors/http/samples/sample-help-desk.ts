import type { HelpDesk } from '../../../desks/help-desk/help-desk.ts'
import type { Look } from '../../../desks/help-desk/looks.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { helpDeskViewer } from '../../../rules/reach/admins.ts'
import { SAMPLE_PREFERENCES } from './page-views.ts'
import { SAMPLE_QUARANTINE } from './sample-quarantine.ts'
import { SAMPLE_LISTS } from './sample-senders.ts'

const AT = Date.UTC(2026, 2, 11, 6)

export const SAMPLE_LOOKS: Page<Look> = {
  rows: [
    { by: 'help@example.com', at: AT, seen: 'list', message: undefined },
    { by: 'help@example.com', at: AT, seen: 'message', message: { ref: '0.sample.1', subject: 'A subject' } },
    { by: 'help@example.com', at: AT, seen: 'message', message: { ref: '0.sample.2', subject: undefined } },
  ],
  next: '1.sample',
}

/** The help desk, with one look of each kind. */
export const SAMPLE_HELP_DESK: HelpDesk = {
  viewerOf: async (admin, reader, remoteAddress) => helpDeskViewer(admin, reader, remoteAddress),
  quarantine: SAMPLE_QUARANTINE,
  settings: async () => SAMPLE_PREFERENCES,
  hasSenders: () => true,
  senders: async () => ({
    owner: 'alice@example.com',
    owners: ['alice@example.com', 'sales@example.com'],
    lists: SAMPLE_LISTS,
  }),
  lastLookAt: async () => ({ by: 'help@example.com', at: AT }),
  looksAt: async () => SAMPLE_LOOKS,
}
