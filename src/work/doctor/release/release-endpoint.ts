/** One amavisd that is asked to release, as the configuration names it. */
export interface ReleaseEndpoint {
  /** The options that name it: `release.via`, or `release.hosts.mx1.example.com`. */
  readonly option: string
  /** The option's value. */
  readonly address: string
  /** False when no mail is held by a host that would be asked here. */
  isNeeded(): Promise<boolean>
  /** Why the file of a Unix socket, or a command, cannot be used, and what mends it. */
  fileFault(): { readonly message: string; readonly fix: string } | undefined
  /** Whether amavisd answers. @returns the fault; undefined when it does */
  probe(): Promise<string | undefined>
  /** Whether it wants the secret of a message. Undefined: it does not tell. */
  isSecretRequired(signal: AbortSignal): Promise<boolean | undefined>
}
