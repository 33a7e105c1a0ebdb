import type { Config } from '../ground/config/schema.ts'
import { READERS_OWN } from '../rules/schedule/schedule.ts'

/** The time zone of readers for whom nobody has set one. */
export const standardTimeZone = ({ readers, schedules }: Config): string =>
  readers.timezone ??
  schedules.find(({ default: isDefault, timezone }) => isDefault && timezone !== READERS_OWN)?.timezone ??
  'UTC'
