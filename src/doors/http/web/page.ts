/** A page: its path, and what answers to it. A method without a handler is refused. */
export interface Page<Handler> {
  readonly path: string
  readonly get?: Handler
  readonly post?: Handler
}
