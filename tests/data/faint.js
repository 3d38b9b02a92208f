// Text whose colour stands out too little (below 4.5 to 1) from what lies behind it.
() => {
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
                       return .2126 * r + .7152 * g + .0722 * b; };
  const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)); };
  const behind = e => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if ((c[3] ?? 1) > 0) { layers.push(c); if ((c[3] ?? 1) === 1) break; }
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255]);
  };
  const found = [];
  for (const e of document.querySelectorAll('article *, .md-tabs *, .md-header__topic *, .md-nav *, .md-footer *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = e.getBoundingClientRect();
    if (!own || !box.width || e.closest('.katex-mathml, .headerlink, svg title, .md-footer-meta')) continue;
    const style = getComputedStyle(e);
    if (style.visibility === 'hidden' || +style.opacity === 0) continue;
    const under = behind(e), over_ = over(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color), under);
    const [a, b] = [light(over_), light(under)].sort((x, y) => y - x);
    let opacity = 1;
    for (let p = e; p; p = p.parentElement) opacity *= +getComputedStyle(p).opacity;
    if (opacity === 0) continue;
    const ratio = ((a + .05) / (b + .05) - 1) * opacity + 1;
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${e.tagName}.${e.className?.baseVal ?? e.className}: ${e.textContent.trim().slice(0, 40)}`);
  }
  return [...new Set(found)];
}
