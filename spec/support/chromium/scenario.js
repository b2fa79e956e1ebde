// What a player's page does, for Chromium and for Node alike: logs in with strophe.js, joins, loses its connection, comes back. Each
// function takes plain values and gives plain values. `env` = { Strophe, $pres, WebSocket }.
const scenario = (env) => {
  const { Strophe, $pres } = env;
  const query = (o) => new URLSearchParams(Object.fromEntries(['token', 'room', 'prefix', 'previd', 'customusername'].filter((k) => o[k] !== undefined).map((k) => [k, o[k]])));
  const url = (o) => (o.transport === 'websocket' ? `ws://127.0.0.1:${o.port}/xmpp-websocket?` : `http://127.0.0.1:${o.port}/http-bind?`) + query(o);
  const later = (what, run) => new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`waited 60 s for ${what}`)), 60000);
    run((value) => { clearTimeout(timer); done(value); });
  });

  // Logs in and joins. Gives { connected, condition, text, jid, affiliation, role }.
  async function visit(o) {
    const connection = new Strophe.Connection(url(o));
    let text = null, why = null;
    connection.xmlInput = (el) => {
      const failure = el.nodeName === 'failure' ? el : el.getElementsByTagName('failure')[0];
      const said = failure && failure.getElementsByTagName('text')[0];
      if (said) text = said.textContent;
      if (failure) why = Array.from(failure.childNodes).map((c) => c.nodeName)[0];
    };
    const login = await later('the login', (done) => connection.connect('meet.test', null, (status, condition) => {
      if (status === Strophe.Status.CONNECTED) done({ connected: true, jid: connection.jid });
      if (status === Strophe.Status.AUTHFAIL) done({ connected: false, condition });
      if (status === Strophe.Status.CONNFAIL || status === Strophe.Status.DISCONNECTED) done({ connected: false, condition: condition || 'disconnected' });
    }));
    if (!login.connected) { connection.reset(); return { ...login, condition: why || login.condition, text }; }
    const to = `${o.room}@conference.meet.test/${o.nick}`;
    const own = await later('the own presence', (done) => {
      connection.addHandler((p) => {
        if (p.getAttribute('from') !== to && p.getAttribute('type') !== 'error') return true;
        const item = p.getElementsByTagName('item')[0], error = p.getElementsByTagName('error')[0];
        done({ type: p.getAttribute('type') || 'available', affiliation: item ? item.getAttribute('affiliation') : null, role: item ? item.getAttribute('role') : null,
          error: error ? Array.from(error.childNodes).map((c) => c.nodeName)[0] : null });
        return false;
      }, null, 'presence');
      connection.send($pres({ to }).c('x', { xmlns: 'http://jabber.org/protocol/muc' }).tree());
    });
    connection.disconnect('done');
    return { ...login, ...own };
  }

  // A bare WebSocket that speaks XMPP (RFC 7395), for XEP-0198, which strophe.js leaves to a plugin.
  async function stream(o) {
    const socket = new env.WebSocket(url(o), 'xmpp');
    let got = [], wake = () => {};
    socket.onmessage = (m) => { got.push(String(m.data)); wake(); };
    const gone = new Promise((done) => { socket.onclose = done; });
    await later('the WebSocket', (done) => { socket.onopen = done; });
    const until = (pattern) => later(pattern, (done) => {
      wake = () => { const i = got.findIndex((s) => pattern.test(s)); if (i >= 0) done(got.splice(0, i + 1)[i]); };
      wake();
    });
    const ask = (text, pattern) => { socket.send(text); return until(pattern); };
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.test' version='1.0'/>";
    await ask(open, /features/);
    const answer = await ask("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", /<success|<failure/);
    const allowed = /<success/.test(answer);
    if (allowed) await ask(open, /features/);
    return { socket, ask, until, gone, allowed, answer };
  }

  // Joins over a stream that can be resumed, is cut off, and comes back with `again` in place of its token. Gives what it got.
  async function resume(o) {
    const first = await stream(o);
    if (!first.allowed) throw new Error('the first login failed');
    const bound = await first.ask("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", /<jid>/);
    const enabled = await first.ask("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", /<enabled/);
    const previd = /id=['"]([^'"]+)/.exec(enabled)[1];
    const to = `${o.room}@conference.meet.test/${o.nick}`;
    await first.ask(`<presence xmlns='jabber:client' to='${to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`, /code=['"]110/);
    if (first.socket.terminate) first.socket.terminate(); else first.socket.close();
    if (first.socket.terminate) await first.gone;
    if (o.wait_ms) await new Promise((r) => setTimeout(r, o.wait_ms));
    const second = await stream({ ...o, token: o.again || o.token, previd });
    if (!second.allowed) return { allowed: false, answer: second.answer };
    const answer = await second.ask(`<resume xmlns='urn:xmpp:sm:3' previd='${previd}' h='0'/>`, /<resumed|<failed/);
    const resumed = /<resumed/.test(answer);
    let echoed = false;
    if (resumed) {
      second.socket.send(`<message xmlns='jabber:client' to='${o.room}@conference.meet.test' type='groupchat'><body>back again</body></message>`);
      echoed = /back again/.test(await second.until(/back again/));
    }
    second.socket.close();
    return { allowed: true, resumed, echoed, jid: /<jid>([^<]+)/.exec(bound)[1] };
  }
  // A bare BOSH session (XEP-0206) that joins; the request that the server holds is cut off, sent again under its number (XEP-0124,
  // section 14: broken connections), and the session goes on. Gives whether it was let in, whether it broke, and whether it is heard.
  async function cut(o) {
    const to = url(o), held = new AbortController();
    let rid = Math.floor(Math.random() * 1e9) + 1000, sid = '';
    const post = async (inside, attributes, signal, number) => {
      if (!number) rid += 1;
      const body = `<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='${number || rid}'${sid && ` sid='${sid}'`} ${attributes || ''}>${inside}</body>`;
      return (await fetch(to, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body, signal })).text();
    };
    const until = async (text, pattern) => { let got = text; while (!pattern.test(got)) got += await post(''); return got; };
    const begin = await post('', "to='meet.test' ver='1.6' wait='20' hold='1' xmpp:version='1.0' xml:lang='en'");
    sid = / sid=['"]([^'"]+)/.exec(begin)[1];
    const answer = await until(await post("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"), /<success|<failure/);
    if (!/<success/.test(answer)) return { allowed: false, answer };
    await until(await post('', "to='meet.test' xmpp:restart='true'"), /features/);
    await until(await post("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"), /<jid>/);
    const room = `${o.room}@conference.meet.test`;
    await until(await post(`<presence xmlns='jabber:client' to='${room}/${o.nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`), /code=['"]110/);
    const waiting = post('', '', held.signal).catch((e) => e.name);
    setTimeout(() => held.abort(), 200);
    const broke = (await waiting) === 'AbortError';
    const repeated = post('', '', undefined, rid);
    const said = await until(await post(`<message xmlns='jabber:client' to='${room}' type='groupchat'><body>still here</body></message>`) + await repeated, /still here/);
    await post('', "type='terminate'");
    return { allowed: true, broke, echoed: /still here/.test(said) };
  }
  return { visit, resume, cut, stream };
};
if (typeof module !== 'undefined') module.exports = { scenario };
