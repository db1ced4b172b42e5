"""How a report looks: one sheet for the page and the notebook, in which every rule is scoped."""

from __future__ import annotations

_LIGHT = {
    "scheme": "light",
    "bg": "#ffffff",
    "soft": "#f5f7f8",
    "ink": "#17212b",
    "muted": "#55616d",
    "line": "#dbe1e6",
    "strong": "#8a97a3",
    "kept": "#0f6f73",
    "gone": "#b3461e",
    "wall": "#2f5d9b",
    "cpu": "#7c95b8",
    "track": "#e7ecf0",
    "shade": "rgba(23,33,43,.12)",
    "ins": "#d3f0e0",
    "ins-ink": "#0a4a30",
    "del": "#fbdfd5",
    "del-ink": "#7b270b",
}
_DARK = {
    "scheme": "dark",
    "bg": "#12181e",
    "soft": "#1a222a",
    "ink": "#e6ebef",
    "muted": "#a4b0bb",
    "line": "#2d3842",
    "strong": "#667480",
    "kept": "#4dbfb6",
    "gone": "#f0936a",
    "wall": "#7fb0ee",
    "cpu": "#4f74a6",
    "track": "#26303a",
    "shade": "rgba(0,0,0,.65)",
    "ins": "#123b2d",
    "ins-ink": "#a5ebcb",
    "del": "#4b2214",
    "del-ink": "#ffc9b3",
}

_RULES = """
.dpr{color-scheme:var(--scheme);background:var(--bg);color:var(--ink);line-height:1.55;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
font-size:1rem;font-weight:400;font-variant-numeric:tabular-nums;text-align:left;
-webkit-text-size-adjust:100%;text-size-adjust:100%}
.dpr *{box-sizing:border-box;font-size:inherit;line-height:inherit}
.dpr .sheet{max-width:68rem;margin:0 auto;padding:clamp(1.25rem,4vw,3.5rem) clamp(1rem,4vw,3rem)}
.dpr bdi{overflow-wrap:anywhere}
.dpr p{margin:0 0 .75rem;color:inherit}
.dpr .muted,.dpr .note{color:var(--muted)}
.dpr .note{font-size:.875rem;margin:.5rem 0 0;max-width:46rem}
.dpr .kicker{font-size:.8125rem;color:var(--muted);margin:0 0 .35rem}
.dpr .t1,.dpr .t2{font-family:ui-serif,Charter,"Iowan Old Style",Georgia,"Liberation Serif",serif;
font-weight:600;line-height:1.2;letter-spacing:-.01em;color:var(--ink);border:0;padding:0;
text-wrap:balance}
.dpr .t1{font-size:clamp(1.75rem,1.2rem + 2.4vw,2.75rem);margin:0}
.dpr .t2{font-size:1.5rem;margin:0 0 .25rem}
.dpr .lead{font-size:1.0625rem;max-width:46rem;margin:0 0 1.25rem;color:var(--muted)}
.dpr section,.dpr details.part{margin:clamp(2.25rem,5vw,3.5rem) 0 0;padding:1.25rem 0 0;
border-top:1px solid var(--line)}
.dpr code,.dpr pre,.dpr .mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",
monospace;font-size:.8125rem;color:inherit;background:none;padding:0;border:0}
.dpr .mono{overflow-wrap:anywhere}

.dpr .run{margin:.6rem 0 0;color:var(--muted)}
.dpr .books{margin:2rem 0 0;padding:0}
.dpr .sum{display:flex;flex-wrap:wrap;align-items:flex-start;gap:.5rem clamp(.75rem,2.5vw,2rem)}
.dpr .term{flex:0 1 auto;min-width:0}
.dpr .big{display:block;font-family:ui-serif,Charter,"Iowan Old Style",Georgia,"Liberation Serif",
serif;font-size:clamp(1.75rem,1.1rem + 3vw,3.25rem);line-height:1.1;letter-spacing:-.02em;
font-variant-numeric:lining-nums tabular-nums;white-space:nowrap}
.dpr .term .what{display:block;font-weight:600;margin:.25rem 0 0}
.dpr .term .more{display:block;font-size:.875rem;color:var(--muted);max-width:17rem}
.dpr .sign{font-size:clamp(1.5rem,1rem + 2vw,2.5rem);line-height:1.4;color:var(--muted)}
.dpr .out .big{color:var(--kept)}.dpr .rej .big{color:var(--gone)}
.dpr .verdict{display:flex;gap:.6rem;align-items:baseline;margin:.85rem 0 0;font-weight:600}
.dpr .tick{flex:none;display:inline-block;width:1.5rem;height:1.5rem;border-radius:50%;
line-height:1.5rem;text-align:center;font-size:.9375rem;background:var(--kept);color:var(--bg)}
.dpr .verdict.bad .tick{background:var(--gone)}.dpr .verdict.bad{color:var(--gone)}
.dpr .books .parts{margin:1.25rem 0 0}
.dpr .care{margin:2rem 0 0;padding:.9rem 1.1rem;background:var(--soft);border-radius:6px;
border:1px solid var(--line)}
.dpr .care p{margin:0;max-width:54rem;font-size:.9375rem}
.dpr .care strong{font-weight:600;color:inherit}
.dpr nav{margin:1.5rem 0 0;font-size:.9375rem}
.dpr nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;list-style:none;margin:0;padding:0}
.dpr nav a{color:var(--kept);text-decoration:underline;text-underline-offset:.2em;
text-decoration-thickness:1px}
.dpr nav a:hover{text-decoration-thickness:2px}
.dpr :focus-visible{outline:2px solid var(--wall);outline-offset:3px;border-radius:2px}

.dpr .scroll{overflow-x:auto;margin:0 0 .25rem;background:
linear-gradient(to right,var(--bg) 40%,transparent) 0 0/2rem 100% no-repeat local,
linear-gradient(to left,var(--bg) 40%,transparent) 100% 0/2rem 100% no-repeat local,
linear-gradient(to right,var(--shade),transparent) 0 0/.75rem 100% no-repeat scroll,
linear-gradient(to left,var(--shade),transparent) 100% 0/.75rem 100% no-repeat scroll}
.dpr table{border-collapse:collapse;width:100%;margin:0;font-size:.9375rem;table-layout:auto;
border:0;color:inherit;background:none}
.dpr thead th:nth-child(n){white-space:normal}
.dpr thead th{font-size:.8125rem;font-weight:500;color:var(--muted);vertical-align:bottom;
border:0;border-bottom:1px solid var(--strong);background:none}
.dpr th,.dpr td{padding:.6rem 0 .6rem 1.5rem;text-align:right;vertical-align:top;
white-space:nowrap;max-width:none;border:0;border-bottom:1px solid var(--line)}
.dpr tbody tr:nth-child(n),.dpr tbody tr:nth-child(n):hover{background:none}
.dpr th:first-child,.dpr td:first-child{padding-left:0;text-align:left;white-space:normal;
width:100%;min-width:11rem}
.dpr tbody th{font-weight:500}
.dpr tbody tr:last-child th,.dpr tbody tr:last-child td{border-bottom:0}
.dpr tfoot th,.dpr tfoot td{border:0;border-top:1px solid var(--strong);font-weight:600}
.dpr .kind{display:block;color:var(--muted);font-weight:400}
.dpr .step{color:var(--muted);font-weight:400}
.dpr .zero{color:var(--muted)}

.dpr svg{display:block;overflow:hidden;max-width:100%}
.dpr svg.bar{margin:.4rem 0 .1rem}
.dpr .track{fill:var(--track)}
.dpr rect.kept{fill:var(--kept)}.dpr rect.gone{fill:var(--gone)}
.dpr rect.wall{fill:var(--wall)}.dpr rect.cpu{fill:var(--cpu)}
.dpr svg.parts rect:not(.track){stroke:var(--bg);stroke-width:2}
.dpr .key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.875rem;color:var(--muted);
margin:.6rem 0 0}
.dpr .key span{display:inline-flex;align-items:center;gap:.5rem}
.dpr .key svg{flex:none;width:auto}.dpr .ends{justify-content:space-between}

.dpr details{margin:.5rem 0 0}
.dpr summary{cursor:pointer;padding:.4rem 0;color:var(--kept)}
.dpr summary:hover{text-decoration:underline;text-underline-offset:.2em}
.dpr details.part>summary{color:var(--ink)}
.dpr .part summary .t2{display:inline}
.dpr .group{border-top:1px solid var(--line);margin:0}
.dpr .group>summary{color:var(--ink);overflow-wrap:anywhere}
.dpr .group>summary .muted{white-space:nowrap}
.dpr .t3{font-size:1rem;font-weight:600;margin:2rem 0 .5rem;color:var(--ink);letter-spacing:0}

.dpr .example{margin:.75rem 0 1.75rem;padding:0 0 0 1rem;border-left:2px solid var(--line)}
.dpr figcaption{display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:.875rem;margin:0 0 .5rem;
color:inherit;text-align:left}
.dpr .uri{font-weight:600}
.dpr .place{color:var(--muted);overflow-wrap:anywhere;min-width:0}
.dpr .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
gap:.75rem 1.25rem}
.dpr .pair>div{min-width:0}
.dpr .label{display:block;font-size:.8125rem;color:var(--muted);margin:0 0 .2rem}
.dpr .text{white-space:pre-wrap;overflow-wrap:anywhere;overflow:hidden;unicode-bidi:isolate;
background:var(--soft);border-radius:4px;padding:.6rem .8rem;font-size:.9375rem;line-height:1.6}
.dpr ins,.dpr del{border-radius:2px;padding:.05em .1em;margin:0 -.02em;
-webkit-box-decoration-break:clone;box-decoration-break:clone;text-decoration-thickness:1px}
.dpr ins{background:var(--ins);color:var(--ins-ink);text-decoration-line:underline;
text-underline-offset:.22em}
.dpr del{background:var(--del);color:var(--del-ink);text-decoration-line:line-through}
.dpr .ctl{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;
font-size:.75em;font-weight:400;color:var(--muted);border:1px solid var(--strong);
border-radius:3px;padding:0 .25em;margin:0 .1em;unicode-bidi:isolate;display:inline-block;
line-height:1.35;text-decoration:none}
.dpr pre{white-space:pre;overflow-x:auto;background:var(--soft);border-radius:6px;margin:.75rem 0 0;
padding:1rem 1.1rem;line-height:1.6;color:var(--ink)}
.dpr dl{display:grid;grid-template-columns:minmax(0,1fr);gap:0;margin:.75rem 0 0}
.dpr dt{font-size:.8125rem;color:var(--muted);font-weight:500;margin:.6rem 0 0}
.dpr dd{margin:0;min-width:0;overflow-wrap:anywhere}
@media (min-width:40rem){
.dpr dl{grid-template-columns:11rem minmax(0,1fr);gap:.5rem 1.5rem;align-items:baseline}
.dpr dt{margin:0}}
.dpr footer{margin:3.5rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line);
font-size:.8125rem;color:var(--muted)}
@media (max-width:34rem){.dpr th,.dpr td{padding-left:1rem}.dpr th:first-child,.dpr td:first-child{
min-width:10.5rem}.dpr .sum{display:grid;grid-template-columns:1.5rem minmax(0,1fr);
gap:.75rem .5rem}.dpr .sum .term:first-child{grid-column:2}.dpr .sign{line-height:1.2}
.dpr .term .more{max-width:none}}
@media print{.dpr .sheet{max-width:none;padding:0}.dpr{font-size:10pt}
.dpr *{-webkit-print-color-adjust:exact;print-color-adjust:exact}.dpr nav{display:none}
.dpr .scroll{overflow:visible}.dpr pre{white-space:pre-wrap}
.dpr details::details-content{content-visibility:visible;display:block;block-size:auto}
.dpr tfoot{display:table-row-group}.dpr .lead{break-after:avoid}
.dpr tr,.dpr .example,.dpr .care,.dpr .books{break-inside:avoid}
.dpr .t1,.dpr .t2,.dpr .t3,.dpr summary{break-after:avoid}}
"""
# What differs where a notebook lends the box: its own theme decides, not the system's.
_NOTEBOOK = """
.dpr.nb{border:1px solid var(--line);border-radius:8px;font-size:.875rem}
.dpr.nb .sheet{padding:1.25rem clamp(1rem,3vw,2rem)}
.dpr.nb .t1{font-size:1.5rem}.dpr.nb .t2{font-size:1.125rem}.dpr.nb .big{font-size:2rem}
.dpr.nb details.part{margin:.75rem 0 0;padding:.5rem 0 0}.dpr.nb .books{margin:1.25rem 0 0}
.dpr.nb .care,.dpr.nb footer{margin:1.25rem 0 0}
.dpr.nb .part>.lead{font-size:1rem;margin:.5rem 0 1rem}
"""
_DARK_HOSTS = (
    '[data-jp-theme-light="false"]', ".vscode-dark", ".vscode-high-contrast", 'html[theme="dark"]',
)  # fmt: skip
_LIGHT_HOSTS = ('[data-jp-theme-light="true"]', ".vscode-light", 'html[theme="light"]')


def _theme(selector: str, colors: dict[str, str]) -> str:
    return f"{selector}{{{''.join(f'--{name}:{value};' for name, value in colors.items())}}}"


def _common() -> str:
    # The scope is said twice so that its rules outweigh those a notebook has for tables.
    rules = _RULES.replace(".dpr", ".dpr.dpr")
    return (
        _theme(".dpr", _LIGHT)
        + f"@media (prefers-color-scheme:dark){{{_theme('.dpr', _DARK)}}}"
        + rules
    )


def page_css() -> str:
    """For a page of its own, whose body is the report."""
    return f"{_common()}.dpr.dpr{{margin:0}}@media print{{{_theme('.dpr', _LIGHT)}}}"


def notebook_css() -> str:
    """For a report among other things: it touches nothing outside and follows the host's theme."""
    hosts = "".join(_theme(f"{host} .dpr", _LIGHT) for host in _LIGHT_HOSTS)
    hosts += "".join(_theme(f"{host} .dpr", _DARK) for host in _DARK_HOSTS)
    notebook = _NOTEBOOK.replace(".dpr", ".dpr.dpr")
    return f"{_common()}{notebook}{hosts}@media print{{{_theme('.dpr.dpr.dpr', _LIGHT)}}}"
