/** Seconds since the epoch; both ends are included. */
export interface Seconds {
  readonly from: number
  readonly to: number
}
