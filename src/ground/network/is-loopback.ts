/** Whether the host of a URL is this machine, whom nobody on the way can overhear. @param host as `URL.hostname` has it */
export const isLoopback = (host: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)
