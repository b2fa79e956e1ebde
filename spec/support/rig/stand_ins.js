// Small servers that a spec needs beside the game: a clock (SNTP, RFC 4330) and a port whose game is down.
const dgram = require('dgram'), fs = require('fs'), http = require('http'), net = require('net'), path = require('path');

// Answers with the time of `ahead` seconds from now.
const clock = (o) => new Promise((done) => {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (question, from) => {
    const answer = Buffer.alloc(48), now = Date.now() / 1000 + o.ahead + 2208988800;
    answer[0] = 0x24; answer[1] = 2;
    answer.writeUInt32BE(Math.floor(now) % 4294967296, 40);
    answer.writeUInt32BE(Math.floor((now % 1) * 4294967296), 44);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1', () => done({ port: socket.address().port }));
});

// Accepts and closes at once.
const closer = () => new Promise((done) => {
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1', () => done({ port: server.address().port }));
});

// Another port of the game: says `text` to whoever connects.
const greeter = ({ text }) => new Promise((done) => {
  const server = net.createServer((socket) => { socket.on('error', () => {}); socket.write(text); })
    .listen(0, '127.0.0.1', () => done({ port: server.address().port }));
});

// A web server of the files in `folder`.
const files = ({ folder }) => new Promise((done) => {
  const server = http.createServer((request, answer) => {
    const name = path.join(folder, path.normalize(decodeURIComponent(request.url)));
    fs.readFile(name, (err, bytes) => { answer.writeHead(err ? 404 : 200); answer.end(bytes); });
  }).listen(0, '127.0.0.1', () => done({ port: server.address().port }));
});

module.exports = { 'files.start': files, 'greeter.start': greeter, 'time.start': clock, 'closer.start': closer };
