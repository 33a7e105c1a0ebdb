/** How to sign in by an OpenID provider: the options `signIn.oidc.*`. */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
  /** What the button calls it. */
  readonly label: string
  readonly scopes: readonly string[]
  /** Milliseconds: for beginning a sign-in, and for finishing it. */
  readonly timeout: number
}
