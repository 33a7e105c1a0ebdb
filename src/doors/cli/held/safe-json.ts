import { escaped } from '../escaped.ts'

/** JSON that a terminal can show: what strangers wrote cannot move the cursor, nor turn the line around. */
export const safeJson = (value: object): string => escaped(JSON.stringify(value), [])
