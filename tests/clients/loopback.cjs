// Keeps the listeners of a program on loopback. Loaded before a vendor stand-in that knows no such option.
"use strict";

const net = require("node:net");

const LOOPBACK = "127.0.0.1";
const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...words) {
  const [first, second] = words;
  if (typeof first === "number") {
    words.splice(1, typeof second === "string" ? 1 : 0, LOOPBACK);
  } else if (first !== null && typeof first === "object" && "port" in first) {
    words[0] = { ...first, host: LOOPBACK };
  }
  return listen.apply(this, words);
};
