import type { ScheduleChange } from './change-schedules.ts'

/** What is wrong with a schedule's name and with what shall be changed of it: every fault, a sentence each. */
export function scheduleFaults(_name: string, _change: ScheduleChange): string[] {
  return []
}
