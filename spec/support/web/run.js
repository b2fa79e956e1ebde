// Players' pages with skotos-voice.js in Debian's Chromium, headless, with fake microphones. Reads a line of JSON { op, … } each, writes a
// line of JSON each; ends with its input. Usage: node run.js
const fs = require('fs'), os = require('os'), path = require('path'), readline = require('readline');
const { chromium } = require('playwright-core');
const { Site } = require('./site');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns', '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream'];
const WAIT = 25000;

let site;
const browsers = new Map(), tabs = new Map();

// A browser whose user lets pages have the microphone, or not.
async function browserOf(microphone) {
  const key = microphone !== false;
  if (!browsers.has(key)) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skotos-chromium-'));
    const args = key ? [...FLAGS, '--use-fake-ui-for-media-stream'] : FLAGS;
    browsers.set(key, { dir, context: await chromium.launchPersistentContext(dir, { executablePath: '/usr/bin/chromium', headless: true, args }) });
  }
  return browsers.get(key).context;
}

// What a page keeps for the spec: its connections, so that it can be heard what comes in, and what the script's callbacks said.
const WITNESS = `(() => {
  const { RTCPeerConnection } = window;
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...a) { super(...a); window.connections.push(this); } };
  window.states = []; window.faults = []; window.wanted = [];
})()`;

// What of the bar a player sees; and how loud each person is played.
const SEEN = `(() => {
  const root = document.querySelector('.skotos-voice').shadowRoot;
  const shown = (e) => e && !e.hidden;
  return { told: root.querySelector('.state').textContent, note: root.querySelector('.note').textContent, state: voice.state,
    frame: shown(root.querySelector('section')), microphone: root.querySelector('.microphone').getAttribute('aria-pressed') === 'true',
    buttons: [...root.querySelectorAll('button')].filter(shown).map((b) => b.textContent),
    people: [...root.querySelectorAll('li')].map((l) => ({ name: l.querySelector('.name').textContent, what: l.querySelector('.what').textContent,
      slider: l.querySelector('input') ? l.querySelector('input').getAttribute('aria-label') : null })),
    volumes: Object.fromEntries([...(voice.visit ? voice.visit.people.values() : [])].filter((p) => p.audio)
      .map((p) => [p.id, p.audio.muted ? 0 : Math.round(p.audio.volume * 1000) / 1000])) };
})()`;

const page = (o) => tabs.get(o.tab);
const operations = {
  async site(o) { site = await Site.start(o); return { host: site.host }; },
  line: (o) => { site.line(o.up); return {}; },
  broken: (o) => { site.broken[o.is ? 'add' : 'delete'](o.path); return {}; },
  file: (o) => { site.files.set(o.path, o.text); return {}; },
  asked: () => ({ paths: site.asked }),
  // A tab with the page, its script started with `options` (text of JavaScript: it may hold functions).
  async open(o) {
    const tab = await (await browserOf(o.microphone)).newPage();
    tabs.set(o.tab, tab);
    tab.errors = [];
    tab.on('pageerror', (e) => tab.errors.push(process.env.WEB_WAIT ? e.stack : String(e)));
    if (o.console) tab.on('websocket', (w) => { process.stderr.write('WS ' + w.url() + '\n'); for (const e of ['framesent','framereceived']) w.on(e, (f) => process.stderr.write(e + ' ' + String(f.payload).slice(0,300) + '\n')); w.on('close', () => process.stderr.write('WS closed\n')); w.on('socketerror', (x) => process.stderr.write('WS error ' + x + '\n')); });
    if (o.console) tab.on('console', (m) => process.stderr.write(`${o.tab}: ${m.text()}\n`));
    await tab.addInitScript(WITNESS);
    await tab.goto(`http://${site.host}/`);
    await tab.waitForFunction('window.SkotosVoice');
    await tab.evaluate(`window.voice = SkotosVoice.start({ onState: (s) => states.push(s.state), onFault: (t) => faults.push(t),
      jitsi: { hosts: { domain: 'meet.test', muc: 'conference.meet.test' }, p2p: { enabled: true }, enableIceRestart: false },
      ...(${o.options || '{}'}) })`);
    return {};
  },
  async run(o) { return { value: await page(o).evaluate(o.code) }; },
  async until(o) {
    try { await page(o).waitForFunction(o.code, null, { timeout: process.env.WEB_WAIT ? 5000 : WAIT, polling: 20 }); } catch (e) {
      throw new Error(`waited ${WAIT / 1000} s for ${o.code}; ${JSON.stringify({ ...(await page(o).evaluate(SEEN)), faults: await page(o).evaluate('faults'), errors: page(o).errors })}`);
    }
    return { value: await page(o).evaluate(SEEN) };
  },
  async see(o) { return { value: await page(o).evaluate(SEEN) }; },
  async click(o) { await page(o).locator(`.skotos-voice button:visible`, { hasText: o.button }).click(); return {}; },
  async key(o) { await page(o).keyboard[o.how || 'press'](o.key); return {}; },
  // Until more sound has come in than before.
  async heard(o) {
    const energy = `(async () => { let sum = 0; for (const c of connections) { if (c.connectionState === 'closed') continue;
      (await c.getStats()).forEach((r) => { if (r.type === 'inbound-rtp' && r.kind === 'audio') sum += r.totalAudioEnergy || 0; }); } return sum; })()`;
    await page(o).evaluate(`window.energy = 0; ${energy}.then((e) => { window.energy = e; })`);
    await page(o).waitForFunction(`${energy}.then((e) => e > window.energy + 0.0001)`, null, { timeout: WAIT, polling: 100 });
    return {};
  },
  async axe(o) {
    await page(o).addScriptTag({ url: '/axe/axe.min.js' });
    const found = await page(o).evaluate(`axe.run(document, { resultTypes: ['violations'] })`);
    return { serious: found.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join('; ')}`),
      others: found.violations.filter((v) => !['serious', 'critical'].includes(v.impact)).map((v) => v.id) };
  },
  async shot(o) {
    await page(o).setViewportSize({ width: o.width, height: o.height || 500 });
    await page(o).screenshot({ path: o.path });
    return {};
  },
  async close(o) { const { errors } = page(o); await page(o).close(); tabs.delete(o.tab); return { errors }; },
};

async function end() {
  for (const { context, dir } of browsers.values()) {
    await Promise.race([context.close(), new Promise((r) => setTimeout(r, 5000))]);
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
  if (site) site.stop();
  process.exit(0);
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('close', end);
lines.on('line', async (line) => {
  let answer;
  try {
    const o = JSON.parse(line);
    if (o.op === 'end') { await end(); return; }
    answer = await operations[o.op](o);
  } catch (e) { answer = { failed: String(e.message || e).slice(0, 900).replace(/eyJ[\w.-]+/g, '(token)') }; }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
