// The old server's work in thirty lines, to measure against: NUL frames, JSON.parse, jsonwebtoken 8.5.1, JSON.stringify.
//   node old_server.js connect PORT   to the game, as its "outbound"
//   node old_server.js listen         prints the port, as its "inbound"
const net = require('net');
const jwt = require('jsonwebtoken-8');
const { SECRET } = require('./settings');

function answer(frame) {
  const request = JSON.parse(frame);
  const now = Math.floor(Date.now() / 1000);
  const token = jwt.sign({
    iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room: request.channel, iat: now, nbf: now, exp: now + request.validFor,
    moderator: request.moderator, context: { user: { id: request.displayName, name: request.displayName } },
  }, SECRET);
  return `${JSON.stringify({ success: true, message: 'OK', token, time: now, seq: request.seq })}\n\0`;
}

function serve(socket) {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (data) => {
    const frames = (rest + data).split('\0');
    rest = frames.pop();
    for (const frame of frames) socket.write(answer(frame));
  });
  socket.on('error', () => process.exit(1));
}

if (process.argv[2] === 'connect') serve(net.connect(Number(process.argv[3]), '127.0.0.1'));
else { const server = net.createServer(serve).listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`)); }
process.stdin.on('end', () => process.exit(0)).resume();
