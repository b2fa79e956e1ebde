// Runs scenario.js in Debian's Chromium, headless, in a page from 127.0.0.1, or in Node ("node"). Reads a line of JSON { op, … } each,
// writes a line of JSON each; ends with its input. Usage: node run.js chromium|node
const fs = require('fs'), http = require('http'), path = require('path'), readline = require('readline');

async function inNode() {
  const { DOMParser, XMLSerializer, DOMImplementation } = require('@xmldom/xmldom');
  Object.assign(global, { DOMParser, XMLSerializer, XMLHttpRequest: require('xhr2'), WebSocket: require('ws') });
  global.document = { implementation: new DOMImplementation() };
  const some = new DOMParser().parseFromString('<a/>', 'text/xml');
  for (const node of [some, some.documentElement]) {
    Object.getPrototypeOf(node).querySelector = function querySelector(name) { return this.getElementsByTagName(name)[0] || null; };
  }
  const { Strophe, $pres } = require('strophe.js');
  const play = require('./scenario').scenario({ Strophe, $pres, WebSocket: require('ws') });
  return { run: (o) => play[o.op](o), version: () => process.version, end: async () => {} };
}

async function inChromium() {
  const { launch } = require('./browser');
  const files = { '/strophe.js': require.resolve('strophe.js').replace(/strophe[^/]*$/, 'strophe.umd.js'), '/scenario.js': path.join(__dirname, 'scenario.js') };
  const page = '<!doctype html><meta charset="utf-8"><title>player</title><script src="/strophe.js"></script><script src="/scenario.js"></script>';
  const site = http.createServer((q, r) => {
    if (q.url === '/') { r.setHeader('Content-Type', 'text/html'); r.end(page); return; }
    if (!files[q.url]) { r.statusCode = 404; r.end(); return; }
    r.setHeader('Content-Type', 'text/javascript'); r.end(fs.readFileSync(files[q.url]));
  });
  await new Promise((done) => site.listen(0, '127.0.0.1', done));
  const browser = await launch();
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${site.address().port}/`);
  const env = () => { const S = window.Strophe.Strophe || window.Strophe; return { Strophe: S, $pres: window.$pres || window.Strophe.$pres, WebSocket }; };
  await tab.evaluate(`window.play = scenario((${env})())`);
  return {
    run: (o) => tab.evaluate((what) => window.play[what.op](what), o),
    version: () => tab.evaluate(() => navigator.userAgent),
    end: async () => { await browser.close(); site.close(); },
  };
}

(async () => {
  const player = await (process.argv[2] === 'chromium' ? inChromium() : inNode());
  const end = async () => { await Promise.race([player.end(), new Promise((r) => setTimeout(r, 5000))]); process.exit(0); };
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('close', end);
  lines.on('line', async (line) => {
    let answer;
    try {
      const o = JSON.parse(line);
      if (o.op === 'end') { await end(); return; }
      answer = o.op === 'version' ? { version: await player.version() } : await player.run(o);
    } catch (e) { answer = { failed: String(e.message || e).slice(0, 300).replace(/eyJ[\w.-]+/g, '(token)') }; }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
})();
