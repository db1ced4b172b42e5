"use strict";
// The chance of at most so many hits; the bound is where it is what the confidence leaves.
// The same as kernels/binomial.py.
function atMost(hits, tries, share) {
  let log = tries * Math.log1p(-share);
  const odds = Math.log(share) - Math.log1p(-share);
  let chance = Math.exp(log);
  for (let hit = 0; hit < hits; hit++) {
    log += Math.log((tries - hit) / (hit + 1)) + odds;
    chance += Math.exp(log);
  }
  return chance;
}
function upperBound(hits, tries) {
  if (hits >= tries) return 1;
  let low = hits / tries, high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(low < middle && middle < high)) return high;
    if (atMost(hits, tries, middle) > 1 - 0.95) low = middle; else high = middle;
  }
}
(() => {
  const sheet = document.getElementById("sheet");
  const place = "datapartnerships-audit-" + sheet.dataset.sheet;
  const byId = name => document.getElementById(name);
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
  const length = text => Array.from(text).length;

  function pieces(text) {
    if (!unspaced.test(text)) return [text];
    if (typeof Intl.Segmenter !== "function") return Array.from(text);
    const parts = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
    return Array.from(parts, part => part.segment);
  }

  // Words become elements; what they are to a reader of the page stays the same text.
  const passages = Array.from(document.querySelectorAll(".passage"), (node, index) => {
    const body = node.querySelector(".body"), text = body.textContent, words = [];
    let offset = Number(node.dataset.start);
    body.textContent = "";
    for (const part of text.match(/\s+|\S+/gu) || []) {
      if (/^\s/u.test(part)) { body.append(part); offset += length(part); continue; }
      for (const piece of pieces(part)) {
        const word = document.createElement("span");
        word.className = "word"; word.textContent = piece; word.id = `w${index}-${words.length}`;
        word.setAttribute("role", "option"); word.setAttribute("aria-selected", "false");
        body.append(word);
        words.push({ node: word, start: offset, end: offset + length(piece), marked: false });
        offset += length(piece);
      }
    }
    const [clean, missed] = node.querySelectorAll("input[type=radio]");
    return { node, body, words, clean, missed, count: node.querySelector(".misses"), at: 0,
             state: "unread", misses: 0, own: false };
  });

  function runs(passage) {
    const found = [];
    let before = -2;
    passage.words.forEach((word, index) => {
      if (!word.marked) return;
      if (index === before + 1) found[found.length - 1][1] = word.end;
      else found.push([word.start, word.end]);
      before = index;
    });
    return found;
  }

  function answer(passage, state) {
    passage.state = state;
    if (state !== "missed") { passage.words.forEach(word => mark(word, false)); passage.own = false; }
    if (state === "missed" && !passage.own) passage.misses = Math.max(1, runs(passage).length);
    if (state !== "missed") passage.misses = 0;
    show(passage); tell();
  }
  function mark(word, on) {
    word.marked = on; word.node.setAttribute("aria-selected", String(on));
  }
  function toggle(passage, index) {
    point(passage, index);
    mark(passage.words[index], !passage.words[index].marked);
    passage.own = false;
    answer(passage, "missed");
  }
  function point(passage, index) {
    passage.words[passage.at]?.node.classList.remove("at");
    passage.at = Math.max(0, Math.min(passage.words.length - 1, index));
    const word = passage.words[passage.at];
    if (!word) return;
    word.node.classList.add("at");
    passage.body.setAttribute("aria-activedescendant", word.node.id);
  }
  function show(passage) {
    passage.node.classList.toggle("clean", passage.state === "clean");
    passage.node.classList.toggle("missed", passage.state === "missed");
    passage.clean.checked = passage.state === "clean";
    passage.missed.checked = passage.state === "missed";
    passage.count.disabled = passage.state !== "missed";
    if (passage.state === "missed") passage.count.value = passage.misses;
  }

  const number = value => value.toLocaleString("en");
  const counted = (value, one, more) => `${number(value)} ${value === 1 ? one : more}`;
  const up = value => (Math.ceil(10 * value - 1e-9) / 10).toFixed(1);
  function figures() {
    const read = passages.filter(passage => passage.state !== "unread");
    const missed = read.filter(passage => passage.state === "missed").length;
    const sum = of => read.reduce((all, item) => all + of(item), 0);
    const words = sum(item => Number(item.node.dataset.words));
    const misses = sum(item => item.misses);
    const last = passages.map(item => item.state !== "unread").lastIndexOf(true);
    const skipped = passages.slice(0, Math.max(0, last)).filter(p => p.state === "unread").length;
    return { read: read.length, missed, words, misses, skipped,
      share_high: read.length ? upperBound(missed, read.length) : 1,
      per_thousand_high: words ? 1000 * upperBound(Math.min(misses, words), words) : 1000 };
  }
  function tell() {
    const f = figures();
    byId("counts").textContent = `${number(f.read)} of ${number(passages.length)} read: ` +
      `${number(f.missed)} with a miss, ${counted(f.misses, "miss", "misses")} in ` +
      counted(f.words, "word", "words");
    byId("bounds").textContent = f.read ? `With 95%: at most ${up(100 * f.share_high)}% of ` +
      `passages hold a miss, and at most ${up(f.per_thousand_high)} are in 1,000 words` :
      "Nothing is known yet";
    byId("skipped").textContent = f.skipped ? `${number(f.skipped)} left out in between: the ` +
      "bounds only hold if not for what stands in them" : "";
    byId("result").value = JSON.stringify(result(), null, 1);
    try { localStorage.setItem(place, byId("result").value); } catch { /* not kept, then */ }
  }
  function result() {
    const population = {};
    document.querySelectorAll("data.population").forEach(item => {
      population[item.dataset.name] = Number(item.value); });
    const now = new Date(), two = value => String(value).padStart(2, "0");
    return { format: sheet.dataset.format, sheet: sheet.dataset.sheet, reader: byId("reader").value,
      date: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`, population,
      passages: passages.map(passage => { const d = passage.node.dataset; return {
        id: d.id, start: Number(d.start), end: Number(d.end), words: Number(d.words),
        group: d.group, state: passage.state, misses: passage.misses, marks: runs(passage) }; }) };
  }
  function restore() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(place)); } catch { /* nothing kept */ }
    if (!kept || kept.sheet !== sheet.dataset.sheet) return;
    byId("reader").value = kept.reader;
    kept.passages.forEach((old, index) => {
      const passage = passages[index];
      passage.state = old.state; passage.misses = old.misses;
      for (const word of passage.words) {
        mark(word, old.marks.some(([a, b]) => a <= word.start && word.end <= b));
      }
      passage.own = old.misses !== Math.max(1, old.marks.length);
      show(passage);
    });
  }

  let current = 0;
  function go(index) {
    current = Math.max(0, Math.min(passages.length - 1, index));
    passages[current].node.focus({ preventScroll: true });
    passages[current].node.scrollIntoView({ block: "start" });
  }
  passages.forEach((passage, index) => {
    passage.node.addEventListener("focusin", () => { current = index; });
    passage.body.addEventListener("click", event => {
      const at = passage.words.findIndex(word => word.node === event.target);
      if (at >= 0 && getSelection().isCollapsed) toggle(passage, at);
    });
    passage.body.addEventListener("focus", () => point(passage, passage.at));
    passage.body.addEventListener("keydown", event => {
      const turned = getComputedStyle(passage.body).direction === "rtl" ? -1 : 1;
      const step = { ArrowRight: turned, ArrowLeft: -turned, ArrowDown: 10, ArrowUp: -10 }[event.key];
      if (step) point(passage, passage.at + step);
      else if (event.key === " " || event.key === "Enter") {
        if (passage.words.length) toggle(passage, passage.at);
      } else return;
      passage.words[passage.at]?.node.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    });
    passage.clean.addEventListener("change", () => answer(passage, "clean"));
    passage.missed.addEventListener("change", () => answer(passage, "missed"));
    passage.count.addEventListener("change", () => {
      passage.own = true;
      passage.misses = Math.max(1, Math.min(9999, Math.round(Number(passage.count.value)) || 1));
      answer(passage, "missed");
    });
  });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=radio]), textarea")) return;
    if (event.key === "n") { answer(passages[current], "clean"); go(current + 1); }
    else if (event.key === "m") { answer(passages[current], "missed"); go(current); }
    else if (event.key === "j") go(current + 1);
    else if (event.key === "k") go(current - 1);
    else return;
    event.preventDefault();
  });
  byId("reader").addEventListener("input", tell);
  byId("save").addEventListener("click", () => {
    tell();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([byId("result").value], { type: "application/json" }));
    link.download = `audit-${sheet.dataset.sheet.slice(0, 12)}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  byId("forget").addEventListener("click", () => {
    byId("reader").value = "";
    passages.forEach(passage => answer(passage, "unread"));
    try { localStorage.removeItem(place); } catch { /* nothing kept */ }
  });
  restore();
  tell();
})();
