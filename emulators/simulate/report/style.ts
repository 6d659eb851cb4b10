const light =
  '--ink:#1b2430;--soft:#5a6675;--line:#e3e8ed;--paper:#fff;--card:#f7f9fb;--gain:#2f75a8;--loss:#c4623f;--band:#2f75a8';
const dark =
  '--ink:#e8edf2;--soft:#9dabb9;--line:#2b3540;--paper:#12171d;--card:#1a2129;--gain:#6fb1dd;--loss:#e5936f;--band:#6fb1dd';

/** One sheet of style for the screen, light or dark, for a phone and for paper. */
export const style = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper);max-width:68rem;margin:0 auto;padding:2rem 1.25rem 4rem}
header{border-bottom:2px solid var(--ink);padding-bottom:.8rem;margin-bottom:1.2rem}
h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.4rem 0 .6rem;overflow-wrap:anywhere}
h3{font-size:.8rem;font-weight:600;letter-spacing:.04em;text-transform:uppercase;color:var(--soft);margin:0 0 .4rem}
p{margin:.3rem 0}.note{color:var(--soft)}
ul.notes{margin:.4rem 0 1rem;padding-left:1.1rem;color:var(--soft)}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;margin:.6rem 0 1rem}
.key div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.55rem .75rem}
.key span{display:block;font-size:.75rem;color:var(--soft)}
.key b{font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.key small{display:block;color:var(--soft);font-variant-numeric:tabular-nums}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1rem;margin:0 0 1rem;align-items:start}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem .8rem .4rem}
.wide{grid-column:1/-1}.wide>svg{max-width:44rem;margin:0 auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
th{font-weight:600;color:var(--soft);font-size:.78rem}
td,th{text-align:right;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
td:first-child,th:first-child{text-align:left}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:11px system-ui,-apple-system,"Segoe UI",sans-serif}
svg .name{font-weight:600}svg .word{fill:var(--ink)}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.gain{fill:var(--gain)}.loss{fill:var(--loss)}
.flag{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3}.flag.mean{stroke-dasharray:none}
.curve{fill:none;stroke:var(--gain);stroke-width:2;stroke-linejoin:round}.curve.mean{stroke:var(--ink);stroke-width:1;stroke-dasharray:4 3}
.band{fill:var(--band);opacity:.22}.band.near{opacity:.32}.band.far{opacity:.15}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.8rem;color:var(--soft);font-size:.82rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
dl.inputs{grid-template-columns:max-content 1fr}
@media (max-width:30rem){body{padding:1.2rem .8rem 3rem}dl{grid-template-columns:1fr}dt{margin-top:.4rem}}
@media print{:root{color-scheme:light;${light};--card:#fff}@page{size:A4;margin:14mm}
body{max-width:none;padding:0;font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
figure,.key,table tr,section>.pair{break-inside:avoid}h2{break-after:avoid}section.output{break-before:page}section.output:first-of-type{break-before:auto}.pair{grid-template-columns:1fr 1fr}.scroll{overflow:visible}}`;
