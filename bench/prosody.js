// The Prosody that is measured: the specs' own, with a production log (info) instead of a debug log, of the version SKOTOS_PROSODY.
const rig = require('../spec/support/rig/prosody');

const version = process.env.SKOTOS_PROSODY || '0.12';

const Prosody = {
  start: (o) => rig.Prosody.start({ version, ...o, global_options: `log = { info = "*console" }\n${o.global_options || ''}` }),
};

module.exports = { Prosody, version, SECRET: rig.SECRET };
