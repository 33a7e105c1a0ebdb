/** What amavisd wrote down of what it found in a message. */
export interface AmavisFindings {
  /** `X-Amavis-Alert`, such as `INFECTED, message contains virus: Eicar-Signature`. It holds names that the mail gave. */
  readonly alerts: readonly string[]
  /** Those with the most points first; empty where it did not score the message. The rules of all its recipients. */
  readonly rules: readonly SpamRule[]
  readonly authentication: readonly AuthenticationResult[]
}

export interface SpamRule {
  readonly name: string
  readonly points: number
}

export interface AuthenticationResult {
  readonly method: 'spf' | 'dkim' | 'dmarc'
  /** In lower case, such as `pass`, `fail` or `softfail` (RFC 8601, section 2.7). */
  readonly result: string
}

/** Whether amavisd found a virus, be it for another recipient alone. */
export const hasVirus = (findings: AmavisFindings | undefined): boolean =>
  findings?.alerts.some(alert => alert.startsWith('INFECTED')) ?? false
