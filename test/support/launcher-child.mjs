// Starts programs for launcher.ts: node launcher-child.mjs <socket>
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const running = new Map();
let order = null;
let stdio = [];

// Nothing is read from a connection here: it becomes the program's own input, output or error output, in this order.
const server = createServer({ pauseOnConnect: true }, (connection) => {
  stdio.push(connection);
  begin();
});
server.listen(process.argv[2], () => process.send({}));

process.on('message', (message) => {
  if (message.signal !== undefined) return void running.get(message.id)?.kill(message.signal);
  order = message;
  begin();
});

// The worker has gone, be it by kill -9. Closing the server removes the socket.
process.on('disconnect', () => {
  server.close();
  for (const child of running.values()) child.kill('SIGKILL');
  process.exit();
});

function begin() {
  if (order === null || stdio.length < 3) return;
  const { id, command, args, options } = order;
  try {
    const child = spawn(command, args, { ...options, stdio });
    child.once('error', ({ message }) => process.send({ id, error: message }));
    child.once('exit', (status) => {
      running.delete(id);
      process.send({ id, status });
    });
    if (child.pid !== undefined) {
      running.set(id, child);
      process.send({ id });
    }
  } catch ({ message }) {
    process.send({ id, error: message });
  }
  // From here on the program alone has them, so that they end with it.
  for (const connection of stdio) connection.destroy();
  [order, stdio] = [null, []];
}
