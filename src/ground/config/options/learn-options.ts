import { z } from 'zod'
import { address, duration, section } from './fields.ts'

/** Who is told what was spam and what was not, when a reader or an admin says so. */
export const learnOptions = section({
  kind: z
    .enum(['none', 'report', 'sa-learn'])
    .default('none')
    .describe(
      'Who learns what readers and admins say was spam or not. report: amavisd sends the message to an address (request=report). sa-learn: SpamAssassin on this machine.',
    ),
  notSpam: address
    .optional()
    .describe('report: who gets what was no spam. Without an address, nobody can say so.'),
  spam: address.optional().describe('report: who gets what was spam. Without an address, nobody can say so.'),
  command: z
    .string()
    .regex(/^\//, 'expected an absolute path, such as /usr/bin/sa-learn')
    .default('/usr/bin/sa-learn')
    .describe('sa-learn: the program.'),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'expected the name of a user, such as amavis')
    .optional()
    .describe('sa-learn: run it as this user, whose database SpamAssassin reads: as root, or by sudo -n.'),
  timeout: duration('60s', '1s', '10m').describe('How long it may take.'),
})
  .superRefine(({ kind, notSpam, spam }, context) => {
    if (kind !== 'report' || notSpam !== undefined || spam !== undefined) return
    for (const key of ['notSpam', 'spam'])
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'expected an address here, in learn.notSpam or learn.spam: report sends the message there',
      })
  })
  .describe('Teaching the filter. Nothing is learnt from a release alone.')
