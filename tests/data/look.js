// Everything on a page that a test asks about, read in one go.
() => {
  const maths = [...document.querySelectorAll('.arithmatex')];
  const text = document.querySelector('article').innerText;
  return {
    language: document.documentElement.lang,
    maths: maths.length,
    displays: maths.filter(m => m.querySelector('.katex-display')).map(m => m.querySelector('annotation').textContent),
    unset: maths.filter(m => !m.querySelector('.katex') || !m.querySelector('math annotation')).length,
    errors: document.querySelectorAll('.katex-error').length,
    raw: ['\\(', '\\[', '$$', '{{', '{%', '<%', 'title:'].filter(mark => text.includes(mark)),
    steps: document.querySelectorAll('li.step').length,
    headings: [...document.querySelectorAll('article :is(h1, h2, h3, h4)')].map(h => h.id),
    width: document.documentElement.scrollWidth,
    outside: [...document.querySelectorAll('article *')].filter(e => {
      for (let p = e; p && p.tagName !== 'ARTICLE'; p = p.parentElement) {
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return false;
      }
      const box = e.getBoundingClientRect();
      return box.width > 0 && box.right > innerWidth + 1 && !e.closest('.katex-mathml');
    }).map(e => e.outerHTML.slice(0, 120)),
  };
}
