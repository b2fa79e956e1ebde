// Players' pages with skotos-voice.js in Debian's Chromium, headless, with fake microphones. Reads a line of JSON {
// op, … } each, writes a line of JSON each; ends with its input. Usage: node run.js
const readline = require('readline');
const { launch } = require('../chromium/browser');
const { Site } = require('./site');

const FLAGS = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
];
const WAIT = 25000;

let site;
const browsers = new Map(),
  tabs = new Map();

// A browser whose user lets pages have the microphone, or not; its pages share their storage.
async function browserOf(microphone) {
  const key = microphone !== false;
  if (!browsers.has(key)) {
    const args = key ? [...FLAGS, '--use-fake-ui-for-media-stream'] : FLAGS;
    browsers.set(key, await (await launch(args)).newContext());
  }
  return browsers.get(key);
}

// What a page keeps for the spec: its connections, so that it can be heard what comes in, and what the script's
// callbacks said.
const WITNESS = `(() => {
  const { RTCPeerConnection } = window;
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...a) { super(...a); window.connections.push(this); }
  };
  window.states = []; window.faults = []; window.wanted = [];
})()`;

// How much sound has come in over the connections of the page.
const ENERGY = `(async () => {
  let sum = 0;
  for (const c of connections) {
    if (c.connectionState === 'closed') continue;
    for (const r of (await c.getStats()).values()) {
      if (r.type === 'inbound-rtp' && r.kind === 'audio') sum += r.totalAudioEnergy || 0;
    }
  }
  return sum;
})()`;

// What of the bar a player sees; and how loud each person is played.
const SEEN = `(() => {
  if (!window.voice) return null;
  const root = document.querySelector('.skotos-voice').shadowRoot;
  const shown = (e) => e && !e.hidden;
  const text = (e) => e.textContent;
  return { told: text(root.querySelector('.state')), note: text(root.querySelector('.note')), state: voice.state,
    microphone: root.querySelector('.microphone').getAttribute('aria-pressed') === 'true',
    buttons: [...root.querySelectorAll('button')].filter(shown).map((b) => b.textContent),
    people: [...root.querySelectorAll('li')].map((l) => ({ name: text(l.querySelector('.name')),
      what: text(l.querySelector('.what')),
      slider: l.querySelector('input') ? l.querySelector('input').getAttribute('aria-label') : null })),
    volumes: Object.fromEntries([...(voice.visit ? voice.visit.people.values() : [])].filter((p) => p.audio)
      .map((p) => [p.id, p.audio.muted ? 0 : Math.round(p.audio.volume * 1000) / 1000])) };
})()`;

const page = (o) => tabs.get(o.tab);
const operations = {
  async site(o) {
    site = await Site.start(o);
    return { host: site.host };
  },
  line: (o) => {
    site.line(o.up);
    return {};
  },
  broken: (o) => {
    site.broken[o.is ? 'add' : 'delete'](o.path);
    return {};
  },
  file: (o) => {
    site.files.set(o.path, o.text);
    return {};
  },
  // The bridge says who speaks, to the clients that listen at /bridge.
  dominant: (o) => {
    site.bridge.dominant(o.endpoint);
    return {};
  },
  asked: () => ({ paths: site.asked }),
  // A tab with the page, its script started with `options` (text of JavaScript: it may hold functions).
  async open(o) {
    const tab = await (await browserOf(o.microphone)).newPage();
    tabs.set(o.tab, tab);
    tab.errors = [];
    // What the client of npm stumbles over by itself is not ours.
    tab.on('pageerror', (e) => { if (/\/voice\//.test(e.stack || '/voice/')) tab.errors.push(e.stack || String(e)); });
    if (o.console) tab.on('console', (m) => process.stderr.write(`${o.tab}: ${m.text()}\n`));
    await tab.addInitScript(WITNESS);
    await tab.goto(`http://${site.host}/`);
    await tab.waitForFunction('window.SkotosVoice');
    if (!o.keep) await tab.evaluate('localStorage.removeItem("skotos-voice")');
    await tab.evaluate(`window.voice = SkotosVoice.start({
      onState: (s) => states.push(s.state), onFault: (t) => faults.push(t),
      jitsi: { hosts: { domain: 'meet.test', muc: 'conference.meet.test' }, p2p: { enabled: true } },
      ...(${o.options || '{}'}) })`);
    return {};
  },
  // A tab with Jitsi's client alone (spec/try/page.js), which has not joined yet.
  async client(o) {
    const tab = await (await browserOf()).newPage();
    tabs.set(o.tab, tab);
    tab.errors = [];
    await tab.goto(`http://${site.host}/client`);
    return {};
  },
  // Only plain values come back.
  async run(o) {
    return {
      value: await page(o).evaluate(`(async () => { const v = await (0, eval)(${JSON.stringify(o.code)});
    try { return JSON.parse(JSON.stringify(v)); } catch (e) { return null; } })()`),
    };
  },
  async until(o) {
    try {
      await page(o).waitForFunction(o.code, null, { timeout: WAIT, polling: 20 });
    } catch (e) {
      const found = { ...(await page(o).evaluate(SEEN)), faults: await page(o).evaluate('window.faults') };
      found.errors = page(o).errors;
      throw new Error(`waited ${WAIT / 1000} s for ${o.code}; ${JSON.stringify(found)}`);
    }
    return { value: await page(o).evaluate(SEEN) };
  },
  async see(o) {
    return { value: await page(o).evaluate(SEEN) };
  },
  async click(o) {
    await page(o).locator(`.skotos-voice button:visible`, { hasText: o.button }).click();
    return {};
  },
  async key(o) {
    await page(o).keyboard[o.how || 'press'](o.key);
    return {};
  },
  // Until more sound has come in than before.
  async heard(o) {
    const begun = await page(o).evaluate(ENERGY);
    for (const end = Date.now() + WAIT; Date.now() < end;)
      if ((await page(o).evaluate(ENERGY)) > begun + 0.0001) return {};
    throw new Error(`heard nothing in ${WAIT / 1000} s`);
  },
  async axe(o) {
    await page(o).addScriptTag({ url: '/axe/axe.min.js' });
    const found = await page(o).evaluate(`axe.run(document, { resultTypes: ['violations'] })`);
    return {
      serious: found.violations
        .filter((v) => ['serious', 'critical'].includes(v.impact))
        .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join('; ')}`),
      others: found.violations.filter((v) => !['serious', 'critical'].includes(v.impact)).map((v) => v.id),
    };
  },
  async shot(o) {
    await page(o).setViewportSize({ width: o.width, height: o.height || 500 });
    await page(o).screenshot({ path: o.path });
    return {};
  },
  async close(o) {
    const { errors } = page(o);
    await page(o).close();
    tabs.delete(o.tab);
    return { errors };
  },
};

async function end() {
  const closed = Promise.all([...browsers.values()].map((context) => context.browser().close()));
  await Promise.race([closed, new Promise((r) => setTimeout(r, 5000))]);
  if (site) site.stop();
  process.exit(0);
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('close', end);
process.stdout.on('error', end); // the spec has gone
lines.on('line', async (line) => {
  let answer;
  try {
    const o = JSON.parse(line);
    if (o.op === 'end') {
      await end();
      return;
    }
    answer = await operations[o.op](o);
  } catch (e) {
    answer = {
      failed: String(e.message || e)
        .slice(0, 900)
        .replace(/eyJ[\w.-]+/g, '(token)'),
    };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
