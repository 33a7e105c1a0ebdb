import { z } from 'zod'
import { component } from '../protocol/components.ts'
import { timeOrNull } from '../protocol/fields.ts'

export const lockName = z.enum(['schedules', 'language', 'timezone', 'deliverTo', 'pause'])

const pause = z.string().describe('ISO 8601; `forever`; `never`, whatever the wider scope says.')

/** What is set for one scope. */
export const settings = component(
  'Settings',
  z
    .object({
      scope: z.string(),
      schedules: z.array(z.string()).nullable(),
      language: z.string().nullable(),
      timezone: z.string().nullable(),
      deliverTo: z.string().nullable(),
      pausedUntil: pause.nullable(),
      on: z.boolean().nullable(),
      locked: z.array(lockName).nullable().describe('What readers cannot change themselves.'),
      version: z.int().describe('0: nothing is set.'),
      updatedAt: timeOrNull,
    })
    .describe('What is set for one scope; null: as the wider scope says.'),
)

const sourced = <Value extends z.ZodType>(value: Value) =>
  z.object({
    value,
    from: z.enum(['reader', 'domain', 'everybody', 'default']),
    scope: z.string().nullable().describe('Who has set it; null: nobody.'),
  })

/** What holds, and where it comes from. */
export const explanation = component(
  'Explanation',
  z.object({
    scope: z.string(),
    own: settings.nullable().describe('What is set for this scope itself.'),
    schedules: sourced(z.array(z.string()).nullable()).describe('Null: the default schedule.'),
    language: sourced(z.string()),
    timezone: sourced(z.string()),
    deliverTo: sourced(z.string().nullable()).describe("Null: the reader's own mailbox."),
    pausedUntil: sourced(pause.nullable()),
    on: sourced(z.boolean()),
    locked: sourced(z.array(lockName)),
    paused: z.boolean(),
    held: z
      .array(z.object({ name: z.string(), on: z.boolean(), next: timeOrNull }))
      .describe('The schedules that hold in the end.'),
    missing: z.array(z.string()).describe('Schedules that are set and not there any more.'),
    warnings: z.array(z.string()).describe('What may not have been meant.'),
    next: timeOrNull.describe('When the next digest can come; null: not while this holds.'),
  }),
)
