import type { ReleaseRequest } from '../transport.ts'

/** The arguments and the stdin of the command. */
export interface Invocation {
  readonly args: readonly string[]
  readonly stdin: string
}

/**
 * The words are MAIL_ID[PARTITION_TAG] (or a file, from whose name the command takes the id and the type), SECRET_ID
 * and the recipient. They go through stdin (`amavisd-release -`), because every local user can read the arguments of a
 * process, and with them the secret.
 *
 * The command splits a line of stdin at white space. So a recipient with a blank in its quoted local part has to be an
 * argument. Then the secret is an argument too, and can be read while the command runs.
 */
export function invocationOf(request: ReleaseRequest): Invocation {
  const words = [messageOf(request), request.secretId, `<${request.recipient}>`]
  return words.some(word => /\s/.test(word))
    ? { args: words, stdin: '' }
    : { args: ['-'], stdin: `${words.join(' ')}\n` }
}

/**
 * For SQL the command passes no quarantine type, and amavisd goes by $spam_quarantine_method. A host with several kinds
 * of quarantine therefore needs AM.PDP.
 */
const messageOf = ({ quarantineType, quarantineLocation, mailId, partitionTag }: ReleaseRequest): string =>
  quarantineType === 'Q' || quarantineLocation === null ? `${mailId}[${partitionTag}]` : quarantineLocation
