// A SOCKS5 proxy (RFC 1928, CONNECT without authentication) on loopback, that one browser's TCP goes through: it
// can be cut and healed.
const net = require('net');

const REPLY = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const REFUSED = Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);

// { host, port, length } of a request, or null while it is not all there.
function target(b) {
  if (b.length < 5) return null;
  const size = { 1: 4, 3: b[4] + 1, 4: 16 }[b[3]];
  if (size === undefined) return { wrong: true };
  if (b.length < 6 + size) return null;
  const at = b.subarray(4, 4 + size);
  const host =
    b[3] === 1
      ? [...at].join('.')
      : b[3] === 3
        ? at.subarray(1).toString()
        : at.toString('hex').match(/.{4}/g).join(':');
  return { host, port: b.readUInt16BE(4 + size), length: 6 + size };
}

class Wire {
  static async start() {
    const self = new Wire();
    Object.assign(self, { sockets: new Set(), broken: false });
    self.server = net.createServer((s) => self.serve(s));
    await new Promise((done) => self.server.listen(0, '127.0.0.1', done));
    self.address = `socks5://127.0.0.1:${self.server.address().port}`;
    return self;
  }
  keep(socket, other) {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (other) other.destroy();
    });
  }
  serve(socket) {
    this.keep(socket);
    if (this.broken) {
      socket.destroy();
      return;
    }
    let got = Buffer.alloc(0),
      greeted = false;
    const read = (bytes) => {
      got = Buffer.concat([got, bytes]);
      if (!greeted && got.length >= 2 && got.length >= 2 + got[1]) {
        got = got.subarray(2 + got[1]);
        greeted = true;
        socket.write(Buffer.from([5, 0]));
      }
      const to = greeted && target(got);
      if (!to) return;
      socket.removeListener('data', read);
      if (to.wrong) socket.end(REFUSED);
      else this.join(socket, to, got.subarray(to.length));
    };
    socket.on('data', read);
  }
  join(socket, to, rest) {
    const there = net.connect(to.port, to.host, () => {
      socket.write(REPLY);
      if (rest.length > 0) there.write(rest);
      socket.pipe(there).pipe(socket);
    });
    this.keep(there, socket);
    socket.on('close', () => there.destroy());
  }
  // Ends every connection; new ones end at once until heal().
  cut() {
    this.broken = true;
    for (const s of this.sockets) s.destroy();
  }
  heal() {
    this.broken = false;
  }
  stop() {
    this.cut();
    this.server.close();
  }
}
module.exports = { Wire };
