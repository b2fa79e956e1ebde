// A throw-away certificate authority for one run: openssl's files in a folder of the run.
const { execFileSync } = require('child_process');
const fs = require('fs');

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const newKey = (path) => openssl('genpkey', '-quiet', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path);

class Authority {
  constructor(dir) {
    fs.mkdirSync(dir, { recursive: true });
    this.dir = dir; this.ca = `${dir}/ca.pem`;
    newKey(`${dir}/ca.key`);
    openssl('req', '-x509', '-new', '-key', `${dir}/ca.key`, '-subj', '/CN=throw-away authority', '-days', '2', '-out', this.ca);
  }
  // DIR/NAME.crt and NAME.key for the domain, where Prosody's `certificates = "DIR"` finds them.
  issue(domain) {
    const base = `${this.dir}/${domain}`;
    newKey(`${base}.key`);
    openssl('req', '-new', '-key', `${base}.key`, '-subj', `/CN=${domain}`, '-out', `${base}.csr`);
    fs.writeFileSync(`${base}.ext`, `subjectAltName=DNS:${domain}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('x509', '-req', '-in', `${base}.csr`, '-CA', this.ca, '-CAkey', `${this.dir}/ca.key`, '-CAcreateserial', '-days', '2',
      '-extfile', `${base}.ext`, '-out', `${base}.crt`);
  }
}
module.exports = { Authority };
