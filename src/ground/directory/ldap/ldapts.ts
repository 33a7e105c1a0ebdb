import type * as Ldapts from 'ldapts'
import { onFirstUse } from '../../on-first-use.ts'

/** The package, loaded when a directory server is asked for the first time. */
export const ldapts = onFirstUse<typeof Ldapts>('ldapts')
