import { lookedUpAs } from '../sender-form.ts'

/**
 * The form in which two entries are compared, and in which ours are written: lower case and A-labels. What amavisd never
 * looks up is only put into lower case.
 */
export const entryKey = (entry: string): string => lookedUpAs(entry) ?? entry.toLowerCase()

/** Whether amavisd finds an entry as it is stored. The column compares without regard to case. */
export const isFollowed = (entry: string): boolean => lookedUpAs(entry) === entry.toLowerCase()
