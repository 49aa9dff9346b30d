// The Node client, as it is, against a server: what it sees is printed as JSON.
//
//   NODE_PATH=... node client.js URL UPSTREAM
"use strict";
const net = require("node:net");
const { Toxiproxy } = require("toxiproxy-node-client");

const [url, upstream] = process.argv.slice(2);

// Return what comes back of a line that is sent through a proxy, and how slowly.
function echoed(address) {
  const [host, port] = address.split(/:(?=\d+$)/);
  const began = Date.now();
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), host, () => socket.write("hello"));
    const end = (text) => {
      socket.destroy();
      resolve({ text, took: Date.now() - began });
    };
    socket.setTimeout(5000, () => end("silent"));
    socket.on("data", (data) => end(data.toString()));
    socket.on("close", () => end("closed"));
    socket.on("error", (error) => end(error.code));
  });
}

// Return how a promise is refused.
const refused = (promise) => promise.then(() => null, (error) => error.message);

async function main() {
  const client = new Toxiproxy(url);
  const saw = { version: await client.getVersion() };

  const body = { name: "one", listen: "127.0.0.1:0", upstream };
  const proxy = await client.createProxy(body);
  saw.proxy = { ...proxy.toJson(), listen: undefined, upstream: undefined };
  saw.plain = (await echoed(proxy.listen)).text;
  saw.twice = await refused(client.createProxy(body));

  const toxic = await proxy.addToxic({ type: "latency", attributes: { latency: 100 } });
  saw.latency = structuredClone(toxic.toJson());
  saw.slow = (await echoed(proxy.listen)).took >= 99;
  toxic.attributes.jitter = 5;
  saw.updated = (await toxic.update(toxic.toJson())).toJson();
  saw.shown = (await proxy.getToxic("latency_downstream")).toJson();
  saw.nonsense = await refused(proxy.addToxic({ type: "nonsense" }));
  await toxic.remove();
  saw.removedTwice = await refused(toxic.remove());

  const off = await proxy.update({ ...proxy.toJson(), enabled: false });
  saw.disabled = { enabled: off.enabled, heard: (await echoed(proxy.listen)).text };
  await proxy.addToxic({ type: "timeout", stream: "upstream", attributes: { timeout: 1 } });
  await client.reset();
  saw.reset = (await echoed(proxy.listen)).text;

  const second = { ...body, name: "two" };
  const populated = await client.populate([proxy.toJson(), second]);
  saw.populated = Object.keys(populated).sort();
  saw.samePort = populated.one.listen === proxy.listen;
  saw.all = Object.keys(await client.getAll()).sort();
  await (await client.get("two")).remove();
  saw.gone = await refused(client.get("two"));

  process.stdout.write(JSON.stringify(saw));
}

main();
