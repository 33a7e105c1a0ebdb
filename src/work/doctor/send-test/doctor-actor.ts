import type { Actor } from '../../../ground/audit/record.ts'

/** By whom the audit says that a test was made. */
export const DOCTOR: Actor = { kind: 'program', name: 'doctor', remoteAddress: null }
