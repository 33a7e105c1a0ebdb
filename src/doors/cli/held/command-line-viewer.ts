import type { AdminViewer } from '../../../rules/reach/viewer.ts'
import { commandLineEditor } from '../editor.ts'

/** A user of the command line may do everything in the quarantine. */
export const commandLineViewer = (): AdminViewer => ({
  as: 'admin',
  ...commandLineEditor(),
  may: ['read', 'release', 'download', 'virus', 'decide', 'senders', 'learn'],
})
