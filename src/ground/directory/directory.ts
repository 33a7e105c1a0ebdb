/** The port that knows whose digest lists the mail of an address. */
export interface Directory {
  /**
   * The reader of each recipient, in the form of `readerAddress`. A recipient whose mail nobody reads is left out.
   * @param recipients envelope addresses as amavis stored them
   */
  readersOf(recipients: readonly string[]): Promise<ReadonlyMap<string, string>>
}
