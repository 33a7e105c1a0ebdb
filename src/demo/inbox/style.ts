/** The one style sheet of the inbox: phone first, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f3f4f6, #101418);
  --card: light-dark(#ffffff, #1a2027);
  --line: light-dark(#dde1e6, #2d353e);
  --text: light-dark(#1b2128, #e8ecf0);
  --quiet: light-dark(#566070, #9aa7b4);
  --accent: light-dark(#0b5cad, #7ab8ff);
  --fresh: light-dark(#0f6b3a, #7fe0a8);
  --fresh-back: light-dark(#dff5e7, #123423);
  --pill-back: light-dark(#e6eef8, #1d2f45);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100dvh; display: flex; flex-direction: column;
  background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.bar, main { width: 100%; max-width: 1000px; margin: 0 auto; padding: 0 16px; }
.bar { padding-top: 18px; }
.bar h1 { margin: 0; font-size: 22px; line-height: 1.25; }
.bar p { margin: 2px 0 0; color: var(--quiet); font-size: 14px; }
.bar a.home { color: inherit; text-decoration: none; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0; }
nav a {
  display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding: 0 14px; max-width: 100%;
  border: 1px solid var(--line); border-radius: 22px; background: var(--card);
  color: var(--text); text-decoration: none; overflow-wrap: anywhere;
}
nav a[aria-current] { border-color: var(--accent); background: var(--pill-back); font-weight: 600; }
nav .count { color: var(--quiet); font-weight: 400; font-variant-numeric: tabular-nums; }
.list { list-style: none; margin: 0 0 24px; padding: 0; border: 1px solid var(--line); border-radius: 12px;
  background: var(--card); overflow: hidden; }
.list li + li { border-top: 1px solid var(--line); }
.list a { display: flex; flex-direction: column; padding: 14px 16px; color: inherit; text-decoration: none; }
.list a:hover { background: color-mix(in srgb, var(--accent) 7%, transparent); }
.list a:focus-visible { outline-offset: -3px; }
.list .fresh { background: var(--fresh-back); box-shadow: inset 4px 0 var(--fresh); }
.line { display: flex; gap: 12px; justify-content: space-between; align-items: center; }
.who { font-weight: 600; }
.who, .to { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.what { overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; line-clamp: 2; overflow: hidden; }
.when, .to { color: var(--quiet); font-size: 14px; }
.when { flex: none; }
.mark { flex: none; padding: 1px 9px; border-radius: 11px; font-size: 13px; font-weight: 600; white-space: nowrap;
  background: var(--pill-back); color: var(--accent); }
.mark.new { background: var(--fresh); color: var(--card); }
.empty { padding: 48px 16px; text-align: center; color: var(--quiet); border: 1px dashed var(--line); border-radius: 12px; }
.mail { flex: 1; display: flex; flex-direction: column; padding-bottom: 16px; }
.back { display: inline-flex; align-items: center; gap: 6px; min-height: 44px; margin: -12px 0 0; text-decoration: none; }
.mail h2 { margin: 0 0 8px; font-size: 20px; line-height: 1.3; overflow-wrap: anywhere;
  max-height: 7.8em; overflow: auto; }
.card { margin-top: 14px; padding: 16px; border: 1px solid var(--line); border-radius: 12px 12px 0 0;
  border-bottom: 0; background: var(--card); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 2px 12px; margin: 0; font-size: 15px; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.views { margin: 12px 0 0; }
.body { flex: 1; display: flex; min-height: 480px; border: 1px solid var(--line); border-radius: 0 0 12px 12px;
  background: var(--card); overflow: hidden; }
.body:has(iframe) { min-height: max(480px, 85dvh); }
iframe { flex: 1; width: 100%; border: 0; background: #fff; }
pre { flex: 1; margin: 0; padding: 16px; min-width: 0; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 14px/1.5 ui-monospace, "Cascadia Mono", "Noto Sans Mono", monospace; }
.news { position: sticky; top: 0; z-index: 1; display: block; margin: 12px 0 0; padding: 12px 16px; border-radius: 12px;
  background: var(--fresh); color: var(--card); font-weight: 600; overflow-wrap: anywhere; }
.news[hidden] { display: none; }
@media (max-width: 600px) {
  main > nav { flex-wrap: nowrap; overflow-x: auto; margin: 8px -16px; padding: 6px 16px; scrollbar-width: none; }
  main > nav a { flex: none; }
}
`
