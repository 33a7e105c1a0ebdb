/** What a process of the program calls itself when it says EHLO, so that the sink can tell whose mail it takes. */
export const clientName = (pid: number): string => `pid-${pid}.program.example`

/** The process that has said this EHLO; undefined for others. */
export function pidOf(hello: string): number | undefined {
  const [, pid] = /^pid-(\d+)\.program\.example$/.exec(hello) ?? []
  return pid === undefined ? undefined : Number(pid)
}
