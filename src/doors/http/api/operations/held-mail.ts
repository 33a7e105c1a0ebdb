import { z } from 'zod'
import { KINDS } from '../../../../ground/amavis/content.ts'
import type { HeldMail } from '../../../../ground/amavis/held-mail.ts'
import { component } from '../protocol/components.ts'

export const heldMail = component(
  'HeldMail',
  z
    .object({
      subject: z.string(),
      from: z.string(),
      sender: z.string().describe('Of the envelope; empty for a bounce.'),
      kind: z.enum(KINDS),
      score: z.number().nullable(),
      size: z.int().describe('Octets.'),
      state: z.enum(['held', 'delivered', 'released', 'gone', 'pending']),
    })
    .describe("A message in amavisd's quarantine. All that it says of itself is a stranger's."),
)

/** Null when amavis has removed it. */
export const mailJson = (mail: HeldMail | undefined): z.output<typeof heldMail> | null =>
  mail
    ? {
        subject: mail.subject,
        from: mail.from,
        sender: mail.sender,
        kind: mail.kind,
        score: mail.score,
        size: mail.size,
        state: mail.state,
      }
    : null
