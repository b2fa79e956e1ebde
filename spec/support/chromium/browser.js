// Debian's Chromium, headless, as every page of ours has it.
const fs = require('fs'),
  os = require('os'),
  path = require('path');
const { chromium } = require('playwright-core');

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Starts one with `flags` beside those; gives playwright's Browser. `options`: what playwright's launch takes.
// What it writes to the folder for temporary files goes to one of its own, which goes with this process: a Chromium
// that a signal ends leaves its socket there.
function launch(flags = [], options = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skotos-chromium-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...FLAGS, ...flags],
    env: { ...process.env, TMPDIR: folder },
    ...options,
  });
}

module.exports = { launch };
