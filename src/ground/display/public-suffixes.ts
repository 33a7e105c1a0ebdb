import type * as Tldts from 'tldts'
import { onFirstUse } from '../on-first-use.ts'

/** The public suffix list (https://publicsuffix.org): 1.4 MB, which a service without work has no use for. */
export const publicSuffixes = onFirstUse<typeof Tldts>('tldts')
