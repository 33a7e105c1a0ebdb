/** A value for one of our options, taken from another program's configuration. */
export interface Finding {
  /** The dotted path of the option, such as `storage.url`. */
  readonly key: string
  readonly value: string | number | boolean | readonly string[]
  /** Where the value comes from: `found in /etc/amavis/conf.d/50-user`. With `CHECK` at its begin, it is not sure. */
  readonly source: string
  /** True: it is shown in a comment, and removing the `#` sets it. */
  readonly isOffer?: boolean
}
