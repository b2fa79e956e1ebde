// Stands where a game's TLS proxy stands: a TLS server whose records are counted on the wire in front of it, or something that is none.
const net = require('net'), tls = require('tls'), fs = require('fs');
const started = require('./started');
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

// Cuts one direction of a TLS connection into records; gives each one's type and length.
function recordCounter(seen) {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
      const length = rest.readUInt16BE(3);
      seen.push({ type: rest[0], length });
      rest = rest.subarray(5 + length);
    }
  };
}

class TlsPeer {
  // o.says: 'tls' (default), 'nothing', or text in hex that is sent at once; the rest goes to tls.createServer.
  static async start(o) {
    const self = new TlsPeer();
    Object.assign(self, { connections: [], failures: [], records: [], sockets: new Set(), received: Buffer.alloc(0), accepted: 0 });
    if (!o.says || o.says === 'tls') await self.speakTls(o);
    self.front = net.createServer((socket) => self.accept(socket, o.says));
    self.port = await listen(self.front);
    started.add(self);
    return self;
  }
  async speakTls(o) {
    const file = (path) => path && fs.readFileSync(path);
    this.inner = tls.createServer({
      key: file(o.key), cert: file(o.certificate), ca: file(o.ca), requestCert: !!o.request_certificate, rejectUnauthorized: !!o.request_certificate,
      minVersion: o.least || 'TLSv1.2', maxVersion: o.most || 'TLSv1.3', ciphers: o.ciphers,
    }, (socket) => {
      this.connections.push({ protocol: socket.getProtocol(), resumed: socket.isSessionReused(), servername: socket.servername || '',
        client: (socket.getPeerCertificate().subject || {}).CN || '' });
      this.secure = socket;
      socket.on('data', (bytes) => { this.received = Buffer.concat([this.received, bytes]); });
      socket.on('error', () => {});
    });
    this.inner.on('tlsClientError', (e) => this.failures.push(e.code || e.message));
    this.innerPort = await listen(this.inner);
  }
  accept(socket, says) {
    this.accepted += 1;
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    if (!this.inner) {
      if (says !== 'nothing') socket.write(Buffer.from(says, 'hex'));
      socket.resume();
      return;
    }
    const inner = net.connect(this.innerPort, '127.0.0.1');
    const records = [];
    this.records = records; // of the newest connection, from the bridge
    const count = recordCounter(records);
    socket.on('data', (bytes) => { count(bytes); inner.write(bytes); }).on('end', () => inner.end());
    inner.on('data', (bytes) => socket.write(bytes)).on('end', () => socket.end()).on('error', () => socket.destroy());
  }
  async until(test, seconds, what) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (test()) return;
      await new Promise((r) => setTimeout(r, 5));
    }
    throw new Error(`waited ${seconds} s for ${what}`);
  }
  state() {
    return { accepted: this.accepted, connections: this.connections, failures: this.failures, records: this.records, received: this.received.length };
  }
  send(hex) { this.secure.write(Buffer.from(hex, 'hex')); }
  // Ends the newest connection with TLS's goodbye, or cuts it.
  end(clean) { if (clean) this.secure.end(); else for (const s of this.sockets) s.destroy(); }
  kill() {
    started.delete(this);
    for (const s of this.sockets) s.destroy();
    this.front.close();
    if (this.inner) this.inner.close();
  }
}
module.exports = { TlsPeer };
