import { connect } from 'node:net'
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts'

/** Leads each new connection to one port, as a proxy or a virtual address does; after a switch, to another one. */
export interface TcpSwitch extends ScriptedServer {
  /** Leads new connections to this port of 127.0.0.1; those that are open stay where they are. */
  leadTo(port: number): void
}

export async function startTcpSwitch(port: number): Promise<TcpSwitch> {
  let target = port
  const server = await startScriptedServer(socket => {
    const onward = connect(target, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    onward.on('error', () => socket.destroy())
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  return Object.assign(server, {
    leadTo: (other: number) => {
      target = other
    },
  })
}
