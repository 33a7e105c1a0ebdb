import { READERS_OWN } from '../../work/schedules/schedules.ts'
import type { Config } from './schema.ts'

/** The time zone of readers for whom nobody has set one. */
export const standardTimeZone = ({ readers, schedules }: Config): string =>
  readers.timezone ??
  schedules.find(({ default: isDefault, timezone }) => isDefault && timezone !== READERS_OWN)?.timezone ??
  'UTC'
