/**
 * The functions that a PAC script may call, in the JavaScript that runs beside it in the sandbox. Names and meaning are
 * those of Netscape's format of 1996, of which MDN has the reference ("Proxy Auto-Configuration (PAC) file"), and
 * Microsoft's `…Ex` for IPv6. The host gives `__resolve(name)`, `__own()` and `__contains(network, address)`; addresses
 * come as one text with semicolons between.
 */
export const pacFunctions = `
"use strict";
(function (global) {
  var isV4 = /^\\d{1,3}(\\.\\d{1,3}){3}$/;
  function all(name) { var found = global.__resolve(String(name)); return found === "" ? [] : found.split(";"); }
  function v4(list) { return list.filter(function (address) { return isV4.test(address); })[0] || null; }
  function number(address) {
    return String(address).split(".").reduce(function (sum, part) { return sum * 256 + (Number(part) & 255); }, 0);
  }
  function lower(text) { return String(text).toLowerCase(); }

  function isPlainHostName(host) { return String(host).indexOf(".") < 0 && String(host).indexOf(":") < 0; }
  function dnsDomainIs(host, domain) { return lower(host).endsWith(lower(domain)); }
  function localHostOrDomainIs(host, full) {
    return lower(host) === lower(full) || (isPlainHostName(host) && lower(full).startsWith(lower(host) + "."));
  }
  function dnsResolve(host) { return v4(all(host)); }
  function isResolvable(host) { return dnsResolve(host) !== null; }
  function myIpAddress() { return v4(global.__own().split(";")) || "127.0.0.1"; }
  function isInNet(host, pattern, mask) {
    var address = isV4.test(host) ? String(host) : dnsResolve(host);
    if (address === null || !isV4.test(pattern) || !isV4.test(mask)) return false;
    return (number(address) & number(mask)) === (number(pattern) & number(mask));
  }
  function convert_addr(address) { return number(address) | 0; }
  function dnsDomainLevels(host) { return String(host).split(".").length - 1; }
  function shExpMatch(text, expression) {
    text = String(text); expression = String(expression);
    var at = 0, star = -1, from = 0, index = 0;
    while (index < text.length) {
      if (expression[at] === "*") { star = at++; from = index; }
      else if (at < expression.length && (expression[at] === "?" || expression[at] === text[index])) { at++; index++; }
      else if (star >= 0) { at = star + 1; index = ++from; }
      else return false;
    }
    while (expression[at] === "*") at++;
    return at === expression.length;
  }

  function dnsResolveEx(host) { return all(host).join(";"); }
  function isResolvableEx(host) { return all(host).length > 0; }
  function myIpAddressEx() { return global.__own(); }
  function isInNetEx(address, network) { return global.__contains(String(network), String(address)); }
  function sortIpAddressList(list) { return String(list).split(";").sort().join(";"); }
  function getClientVersion() { return "1.0"; }
  function alert() {}

  function within(from, now, to) { return from <= to ? from <= now && now <= to : from <= now || now <= to; }
  /** The arguments without "GMT", and whether it was there. */
  function readArguments(given) {
    var list = Array.prototype.slice.call(given), last = list[list.length - 1];
    var gmt = typeof last === "string" && last.toUpperCase() === "GMT";
    return { list: gmt ? list.slice(0, -1) : list, gmt: gmt };
  }
  var days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
  var months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  function indexIn(names, name) { return names.indexOf(String(name).toUpperCase()); }

  function weekdayRange() {
    var read = readArguments(arguments), now = new Date();
    var from = indexIn(days, read.list[0]), to = read.list.length > 1 ? indexIn(days, read.list[1]) : from;
    return from >= 0 && to >= 0 && within(from, read.gmt ? now.getUTCDay() : now.getDay(), to);
  }
  /** One end of a range of dates, and today in the same parts: a year, a month, a day, or several. */
  function datePair(parts, gmt) {
    var now = new Date(), known = true;
    var at = { year: 0, month: 0, day: 0 }, is = { year: 0, month: 0, day: 0 };
    parts.forEach(function (part) {
      if (typeof part === "number" && part > 31) { at.year = part; is.year = gmt ? now.getUTCFullYear() : now.getFullYear(); }
      else if (typeof part === "number") { at.day = part; is.day = gmt ? now.getUTCDate() : now.getDate(); }
      else if (indexIn(months, part) >= 0) { at.month = indexIn(months, part); is.month = gmt ? now.getUTCMonth() : now.getMonth(); }
      else known = false;
    });
    function order(date) { return date.year * 10000 + date.month * 100 + date.day; }
    return { value: order(at), today: order(is), known: known };
  }
  function dateRange() {
    var read = readArguments(arguments), count = read.list.length, half = count / 2;
    if (count === 0 || (count > 1 && count % 2 !== 0)) return false;
    var from = datePair(count === 1 ? read.list : read.list.slice(0, half), read.gmt);
    var to = count === 1 ? from : datePair(read.list.slice(half), read.gmt);
    return from.known && to.known && within(from.value, from.today, to.value);
  }
  function timeRange() {
    var read = readArguments(arguments), count = read.list.length, now = new Date(), half = count === 1 ? 1 : count / 2;
    if (count === 0 || count > 6 || (count > 1 && count % 2 !== 0)) return false;
    var hour = read.gmt ? now.getUTCHours() : now.getHours();
    var minute = read.gmt ? now.getUTCMinutes() : now.getMinutes();
    var second = read.gmt ? now.getUTCSeconds() : now.getSeconds();
    function order(parts) {
      return parts.slice(0, half).reduce(function (sum, part) { return sum * 60 + Number(part); }, 0);
    }
    return within(order(read.list), order([hour, minute, second]), order(count === 1 ? read.list : read.list.slice(half)));
  }

  [isPlainHostName, dnsDomainIs, localHostOrDomainIs, dnsResolve, isResolvable, myIpAddress, isInNet, convert_addr,
    dnsDomainLevels, shExpMatch, dnsResolveEx, isResolvableEx, myIpAddressEx, isInNetEx, sortIpAddressList,
    getClientVersion, alert, weekdayRange, dateRange, timeRange].forEach(function (known) { global[known.name] = known; });
})(globalThis);
`;
