/** The ways to sign in besides a link by mail. The words of these are options of `signIn`. */
export type MethodKind = 'imap' | 'ldap' | 'ispconfig' | 'oidc' | 'header'

/** A server that knows names and passwords. */
export interface PasswordMethod {
  readonly kind: Extract<MethodKind, 'imap' | 'ldap' | 'ispconfig'>
  /**
   * Asks the server once. It does not throw, except for the signal: what goes wrong is a verdict.
   *
   * No password leaves it: not in a log, not in `why`, not as the cause of an error.
   *
   * @param signal once it is aborted, the connection is closed and nobody waits for the verdict
   */
  check(credentials: Credentials, signal: AbortSignal): Promise<Verdict>
}

/** What somebody typed. */
export interface Credentials {
  /** Not empty, at most 255 characters, no control characters, and no blanks around it. */
  readonly name: string
  /** Not empty, at most 1000 characters; it may contain anything except NUL. */
  readonly password: string
  /** The network address of the browser. */
  readonly remoteAddress: string
}

/** What a server says about somebody. */
export type Verdict =
  /**
   * The server vouches for these addresses, as it writes them (at most 20). They are not yet a reader's: the directory
   * is asked who reads them.
   */
  | { readonly outcome: 'accepted'; readonly addresses: readonly string[] }
  /** The name or the password is wrong, or this server does not know such names. */
  | { readonly outcome: 'refused' }
  /** The server cannot be asked: it is unreachable, hangs, offers no TLS, or does not speak the protocol. */
  | { readonly outcome: 'away'; readonly why: string }
  /** The password is stored in a way that is not checked here; `why` is for the log. */
  | { readonly outcome: 'unsupported'; readonly why: string }

/** A provider that the browser is sent to, and that sends it back. */
export interface RedirectMethod {
  readonly kind: 'oidc'
  /** What the button calls it. */
  readonly label: string
  /**
   * Begins a sign-in.
   *
   * @param doneUrl where the provider sends the browser back to: `publicUrl` with `/sign-in/oidc/done`
   * @throws CodedError SIGN_IN_UNREACHABLE
   */
  begin(doneUrl: string, signal: AbortSignal): Promise<BegunRedirect>
  /**
   * Finds out who came back.
   *
   * @param current the URL that the browser came back to, made of `doneUrl` and the query of the request
   * @param kept what `begin` gave this browser to keep; undefined if it has nothing (any more)
   */
  finish(current: URL, kept: string | undefined, signal: AbortSignal): Promise<Verdict>
}

export interface BegunRedirect {
  readonly url: string
  /** The state, nonce and PKCE verifier: a cookie of this browser alone, at most 1000 characters of base64url and dots. */
  readonly kept: string
}
