import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { waitUntil } from './wait.ts'

/** nginx with servers of the test's own: what stands within `http { … }`. @param ports those that it listens on */
export async function startNginx(servers: string, ports: readonly number[]): Promise<AsyncDisposable> {
  const dir = privateDir('nginx', 'www-data')
  const home = dir.own('home')
  const file = join(dir.path, 'main.conf')
  writeFileSync(
    file,
    `user ${dir.user};
pid ${home}/nginx.pid;
worker_processes 1;
error_log ${home}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  ${servers}
}
`,
  )
  const server = startChild('/usr/sbin/nginx', ['-c', file, '-p', home, '-g', 'daemon off;'])
  const listen = async () => (await Promise.all(ports.map(port => isListening(port)))).every(Boolean)
  await server.whileAlive(waitUntil('nginx', listen))
  return {
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      dir.remove()
    },
  }
}
