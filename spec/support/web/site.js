// A game's web site on 127.0.0.1, which is a Jitsi host at once: the page with skotos-voice.js, Jitsi's client from
// npm under /libs, and Prosody's /xmpp-websocket, whose connections can be cut.
const fs = require('fs'),
  http = require('http'),
  net = require('net'),
  path = require('path');
const { Bridge } = require('./bridge');

const root = path.resolve(__dirname, '../../..');
const FILES = {
  '/voice/': path.join(root, 'packaging/skotos/web/'),
  '/try/': path.join(root, 'spec/try/'),
  '/axe/': path.dirname(require.resolve('axe-core')) + path.sep,
};
// The client of npm wants jQuery beside it; a host's own, of today, wants nothing.
const LIB = ['jquery/dist/jquery.min.js', '@lyno/lib-jitsi-meet/lib-jitsi-meet.min.js']
  .map((f) => fs.readFileSync(require.resolve(f)))
  .join('\nwindow.jquery = jQuery;\n');
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>The game</title>
<style>
body { margin: 0; font: 16px/1.4 serif; background: #1d2021; color: #ebdbb2 }
main { padding: 1rem; min-height: 12rem }
button { background: red; text-transform: uppercase }
textarea { width: 90%; background: #32302f; color: inherit }
</style>
<main><h1>The game</h1><p>You stand in a tavern. It is warm here.</p>
<label for="input">Say</label> <textarea id="input"></textarea></main>
<script type="module" src="/voice/skotos-voice.js"></script></html>`;

// Jitsi's client alone, driven as `make try` drives it.
const CLIENT = `<!doctype html><meta charset="utf-8"><title>A client</title><script src="/libs/lib-jitsi-meet.min.js"></script>
<script src="/try/page.js"></script><body></body>`;

class Site {
  // o.port, o.domain: Prosody's. What is wanted otherwise: `files`, path → text; `broken`, paths that are answered by
  // an error; o.post(path, body), which answers POSTs of JSON.
  static async start(o) {
    const self = new Site();
    Object.assign(self, { prosody: o.port, domain: o.domain || 'meet.test', post: o.post, sockets: new Set(), cut: false, broken: new Set(), asked: [] });
    self.bridge = new Bridge();
    self.files = new Map([
      ['/', PAGE],
      ['/client', CLIENT],
      ['/libs/lib-jitsi-meet.min.js', LIB],
    ]);
    self.server = http.createServer((q, r) => {
      const name = new URL(q.url, 'http://x').pathname;
      if (q.method === 'POST' && self.post) self.take(name, q, r);
      else self.answer(name, r);
    });
    self.server.on('upgrade', (q, socket, head) => (q.url === '/bridge' ? self.bridge : self).pass(q, socket, head));
    await new Promise((done) => self.server.listen(0, '127.0.0.1', done));
    self.host = `127.0.0.1:${self.server.address().port}`;
    return self;
  }
  answer(name, r) {
    this.asked.push(name);
    const folder = Object.keys(FILES).find((f) => name.startsWith(f));
    const file = folder && path.join(FILES[folder], path.normalize(`/${name.slice(folder.length)}`));
    const text = this.files.get(name) || (file && fs.existsSync(file) && fs.readFileSync(file));
    if (!text || this.broken.has(name)) {
      r.statusCode = 404;
      r.end();
      return;
    }
    r.setHeader('Content-Type', TYPES[path.extname(name) || '.html'] || 'application/octet-stream');
    r.end(text);
  }
  async take(name, q, r) {
    try {
      let text = '';
      for await (const part of q) text += part;
      const answer = await this.post(name, JSON.parse(text));
      r.setHeader('Content-Type', 'application/json');
      r.end(JSON.stringify(answer));
    } catch (e) {
      r.statusCode = 500;
      r.end(String(e.message));
    }
  }
  // A WebSocket goes through to Prosody, byte for byte.
  pass(q, socket, head) {
    socket.on('error', () => {});
    if (this.cut) {
      socket.destroy();
      return;
    }
    const there = net.connect(this.prosody, '127.0.0.1', () => {
      const lines = q.rawHeaders.reduce(
        (all, v, i) =>
          i % 2 ? all : [...all, `${v}: ${/^host$/i.test(v) ? this.domain : q.rawHeaders[i + 1]}`],
        [],
      );
      there.write(`${q.method} ${q.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      there.write(head);
      socket.pipe(there).pipe(socket);
    });
    there.on('error', () => socket.destroy());
    for (const end of ['close', 'error'])
      socket.on(end, () => {
        there.destroy();
        this.sockets.delete(socket);
      });
    there.on('close', () => socket.destroy());
    this.sockets.add(socket);
  }
  // Cuts all connections to Prosody; new ones fail until they may be again.
  line(up) {
    this.cut = !up;
    if (!up) for (const s of this.sockets) s.destroy();
  }
  stop() {
    this.line(false);
    this.bridge.stop();
    this.server.closeAllConnections();
    this.server.close();
  }
}
module.exports = { Site };
