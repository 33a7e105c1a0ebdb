/** The name that a process of the program gives in EHLO, so that the sink knows which process has sent a mail. */
export const clientName = (pid: number): string => `pid-${pid}.program.example`

/** The process that sent this EHLO; undefined for other clients. */
export function pidOf(hello: string): number | undefined {
  const [, pid] = /^pid-(\d+)\.program\.example$/.exec(hello) ?? []
  return pid === undefined ? undefined : Number(pid)
}
