// The browser, the players in it, and how they are asked: what the steps stand on.
const fs = require('fs'),
  path = require('path');
const { launch } = require('../support/chromium/browser');
const { Wire } = require('./wire'),
  tokens = require('./tokens'),
  { Wrong } = require('./options');

const FLAGS = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const HEARD = 0.0001; // energy of a voice in a window; the fake microphone's beep brings a hundred times that
const WINDOW = 2500; // ms; the fake microphone beeps once a second
// What the host has to serve: the name in the page, the path.
const SERVED = { JitsiMeetJS: '/libs/lib-jitsi-meet.min.js', config: '/config.js' };
const PAGE = `<!doctype html><meta charset="utf-8"><title>make try</title>
<script src="/libs/lib-jitsi-meet.min.js"></script>
<script src="/config.js"></script><script>${fs.readFileSync(path.join(__dirname, 'page.js'))}</script><body></body>`;

const pause = (ms) =>
  new Promise((done) => {
    setTimeout(done, ms);
  });

// One person with a browser profile, a wire and a page of his own.
class Player {
  static async open(stage, base, wish) {
    const self = new Player();
    Object.assign(self, { stage, base, name: `${base}-${stage.mark}`, wish, wire: await Wire.start() });
    stage.players.add(self);
    self.context = await stage.browser.newContext({
      proxy: { server: self.wire.address },
      ignoreHTTPSErrors: stage.o.insecure,
    });
    await self.context.route(`${stage.o.origin}/skotos-try`, (r) =>
      r.fulfill({ contentType: 'text/html', body: PAGE }),
    );
    if (stage.o.library)
      await self.context.route(`${stage.o.origin}/libs/lib-jitsi-meet.min.js`, (r) =>
        r.fulfill({ path: stage.o.library }),
      );
    self.page = await self.context.newPage();
    if (stage.o.console) self.page.on('console', (m) => stage.report.line('', `${base}: ${m.text()}`));
    await self.page.goto(`${stage.o.origin}/skotos-try`, { timeout: stage.o.wait });
    const lacks = await self.page.evaluate(
      `Object.entries(${JSON.stringify(SERVED)}).filter(([name]) => !window[name]).map(([, path]) => path)`,
    );
    if (lacks.length > 0)
      throw new Wrong(
        `${stage.o.origin} serves no ${lacks.join(' and no ')}; is that a Jitsi host? (LIB=FILE: a client of your own)`,
      );
    self.domain = await self.page.evaluate('config.hosts.domain');
    self.token = wish.token || tokens.make(stage.o, { name: self.name, ...wish }, self.domain);
    return self;
  }
  // Joins; gives what the page was told: { joined, id, role } or { failed, text }.
  async join() {
    const { o } = this.stage,
      { wish } = this;
    const args = {
      room: wish.node || wish.room,
      token: this.token,
      name: this.name,
      p2p: o.p2p && wish.p2p !== false,
      transport: o.transport,
    };
    const told = await this.bounded(
      this.page.evaluate((a) => player.join({ config, ...a }), args),
      `${this.base} to get into the room`,
    );
    this.id = told.id;
    return told;
  }
  // Calls player.NAME(…) in the page.
  ask(name, ...args) {
    return this.bounded(
      this.page.evaluate(([n, a]) => player[n](...a), [name, args]),
      `${this.base}'s page to do "${name}"`,
    );
  }
  run(code) {
    return this.page.evaluate(code);
  }
  async bounded(promise, what) {
    let timer;
    const late = new Promise((_, fail) => {
      timer = setTimeout(
        () => fail(new Error(`waited ${this.stage.o.wait / 1000} s for ${what}`)),
        this.stage.o.wait,
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
      promise.catch(() => {});
    }
  }
  // Waits until `code` is true in the page; gives whether it became so.
  until(code, wait) {
    return this.page.waitForFunction(code, null, { timeout: wait || this.stage.o.wait, polling: 100 }).then(
      () => true,
      (e) => {
        if (e.name === 'TimeoutError') return false;
        throw e;
      },
    );
  }
  mark() {
    return this.run('player.events.length');
  }
  // The arguments of the first event `key` since event number `from`, or null.
  async event(key, from = 0) {
    await this.until(`player.heardOf(${JSON.stringify(key)}, ${from}).length > 0`);
    const [first] = await this.run(`player.heardOf(${JSON.stringify(key)}, ${from})`);
    return first ? first.args : null;
  }
  sees(other) {
    return this.until(`player.id(${JSON.stringify(other.name)})`);
  }
  misses(other) {
    return this.until(`!player.id(${JSON.stringify(other.name)})`);
  }
  // name → role, the names without this run's mark.
  async roles() {
    const roles = await this.ask('roles');
    return Object.fromEntries(
      Object.entries(roles)
        .map(([name, role]) => [this.stage.plain(name), role])
        .sort(),
    );
  }
  async close() {
    this.stage.players.delete(this);
    this.wire.heal();
    await Promise.race([this.page.evaluate('window.player && player.leave()').catch(() => {}), pause(5000)]);
    await this.context.close();
    this.wire.stop();
  }
}

class Stage {
  static async raise(o, report) {
    const self = new Stage();
    Object.assign(self, { o, report, players: new Set(), mark: Math.random().toString(16).slice(2, 8) });
    const flags = o.origin.startsWith('http:')
      ? [...FLAGS, `--unsafely-treat-insecure-origin-as-secure=${o.origin}`]
      : FLAGS;
    self.browser = await launch(flags, {
      // Who interrupts it gets the players out of their rooms first (main.js).
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      // The page is another host's.
      chromiumSandbox: process.getuid() !== 0,
    });
    return self;
  }
  room(topic) {
    return `skotos-try-${this.mark}-${topic}`;
  }
  plain(name) {
    return name.replace(`-${this.mark}`, '');
  }
  open(base, wish) {
    return Player.open(this, base, wish);
  }
  // Opens and joins; raises when that person does not get in.
  async join(base, wish) {
    const player = await this.open(base, wish);
    const told = await player.join();
    if (!told.joined)
      throw new Error(`${base} does not get into ${wish.node || wish.room}: ${told.failed} ${told.text}`);
    return player;
  }
  // Who hears how much of whom within a window: list of { by, of, energy }, `direct` where it is peer to peer.
  async listen(players, window = WINDOW) {
    const sample = () => Promise.all(players.map((p) => p.ask('energies')));
    const before = await sample();
    await pause(window);
    const after = await sample();
    return players.map((by, i) => ({
      by,
      direct: after[i].direct,
      energy: (other) => (after[i].of[other.name] || 0) - (before[i].of[other.name] || 0),
    }));
  }
  // Listens until `test(heard)` holds, or the time is over; gives the last window.
  async listenUntil(players, test, wait = this.o.wait) {
    const end = Date.now() + wait;
    for (;;) {
      const heard = await this.listen(players);
      if (test(heard) || Date.now() > end) return heard;
    }
  }
  hears(entry, other) {
    return entry.energy(other) > HEARD;
  }
  async clear() {
    await Promise.all([...this.players].map((p) => p.close().catch(() => {})));
  }
  async close() {
    await this.clear();
    await Promise.race([this.browser.close(), pause(20000)]);
  }
}
module.exports = { Stage, pause };
