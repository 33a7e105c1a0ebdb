import { userInfo } from 'node:os'
import type { Editor } from '../../rules/reach/reach.ts'

/** A user of the command line may change everything. The audit names the user of the machine. */
export const commandLineEditor = (): Editor => ({
  actor: { kind: 'admin', name: userInfo().username, remoteAddress: null },
  reach: undefined,
})
