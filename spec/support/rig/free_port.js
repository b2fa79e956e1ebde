// A port of 127.0.0.1 for whoever will listen there soon, or again: below those that the kernel gives to others of itself
// (ip_local_port_range, from 32768), and with the same number of UDP bound by this process until it ends, so that no other spec takes it.
// spec/support/free_port.lua does the same.
const dgram = require('dgram'), net = require('net');

const LOWEST = 20000, HIGHEST = 32767, TRIES = 1000;

const binds = (socket, bind) => new Promise((done) => {
  socket.once('error', () => done(false)).once('listening', () => done(true));
  bind();
});

module.exports = async function freePort() {
  for (let i = 0; i < TRIES; i++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    const held = dgram.createSocket('udp4'), server = net.createServer();
    if (await binds(held, () => held.bind({ port, address: '127.0.0.1', exclusive: true }))
      && await binds(server, () => server.listen(port, '127.0.0.1'))) {
      held.unref();
      await new Promise((done) => server.close(done));
      return port;
    }
    held.close();
  }
  throw new Error(`no port of ${TRIES} that were tried is free`);
};
