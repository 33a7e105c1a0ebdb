/** One request by HTTP, as a browser of a reader makes it, with what a browser would see of the certificate. */
export type Visit = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<Visited>

export type Visited =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** By their names in lower case. */
      readonly headers: Readonly<Record<string, string | undefined>>
      /** At most 64 kB of it. */
      readonly body: string
      /** Our own address in this connection. */
      readonly from: string | undefined
      /** Undefined without TLS. */
      readonly certificate: SeenCertificate | undefined
    }
  /** No answer: the code of Node, such as ENOTFOUND or ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string; readonly reason: string }

export interface SeenCertificate {
  /** The code of Node, such as CERT_HAS_EXPIRED or ERR_TLS_CERT_ALTNAME_INVALID; undefined: browsers trust it. */
  readonly fault: string | undefined
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}
