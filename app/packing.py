"""The page's modules and styles in few files: an entry with all that it needs, in the order in which it runs.

    main.js     const { state } = (() => { …; return { state }; })();  …  export { state };
    builder.js  import { state } from "./main.js";  …  export { openBuilder };

The sources are plain ES modules and run as they are. Packed they travel as one stream: a page is a few
requests rather than a hundred, and what is alike in many modules is compressed once. A module that is asked
for with `import()` is an entry of its own, and shares the instances of the page's, and of the entry that asks
for it. For that, modules import
by name, without cycles, and export no `let` and nothing under a name that another one exports; `pack` refuses
others.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import minify

ROOTS = ("main.js", "docs.js", "sign-in.js")
"""The entries that pages name."""

IMPORT = re.compile(r'import(?:\{([^}]*)\}from|\*as ([\w$]+) ?from)?"([^"]+)";?')
STYLES = re.compile(r'^@import "([^"]+)";', re.MULTILINE)
LAZY = re.compile(r'\bimport\("\./([^"]+)"\)')
EXPORTED = re.compile(
    r"^export (?:const |class |(?:async )?function(?: ?\* ?| ))([\w$]+)|^export \{([^}]*)\}", re.MULTILINE
)
EXPORT = re.compile(r"\bexport(?: (?=const |function[ *]|async function|class )|\{[^}]*\};?)")


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        name: Its file's.
        imports: The names that it takes, by where from.
        outside: The same of files that are not packed, as they are asked for.
        lazy: The modules that it asks for when they are needed.
        exports: Local names by exported ones.
        body: Its code, without imports and exports.
    """

    name: str
    imports: dict[str, set[str]]
    outside: dict[str, set[str]]
    lazy: frozenset[str]
    exports: dict[str, str]
    body: str


def pack(folder: Path) -> dict[str, str]:
    """Every entry's pack, by its file's name.

    Args:
        folder: Where the modules are.

    Raises:
        ValueError: A cycle, a name that two export, or a form of import or export that is not packed.
    """
    modules = {path.name: _module(path) for path in sorted(folder.glob("*.js"))}
    exports = Counter(name for module in modules.values() for name in module.exports)
    if twice := sorted(name for name, times in exports.items() if times > 1):
        raise ValueError(f"exported by more than one module: {', '.join(twice)}")
    return {name: text for root in ROOTS if root in modules for name, text in _packs(modules, root).items()}


def pack_styles(path: Path) -> str:
    """A file of styles, with those that it imports in their places."""
    return STYLES.sub(lambda found: pack_styles(path.parent / found[1]), path.read_text(encoding="utf-8"))


def _packs(modules: dict[str, Module], root: str) -> dict[str, str]:
    entries = _entries(modules, root)
    closures = {entry: _ordered(modules, [entry]) for entry in entries}
    above = _above(modules, closures)
    users: dict[str, list[str]] = {}
    for entry, closure in closures.items():
        for name in closure:
            users.setdefault(name, []).append(entry)
    # What several entries need stands with the nearest one that is there before each of them: one of it.
    hosts = {
        name: max(set.intersection(*(above[one] for one in who)), key=lambda host: len(above[host]))
        for name, who in users.items()
    }
    packs: dict[str, str] = {}
    for entry in entries:
        own = [name for name in _ordered(modules, [*users]) if hosts[name] == entry]
        seen = [name for name in own if entry == root or name == entry or users[name] != [entry]]
        packs[entry] = _pack(modules, own, (name for one in seen for name in modules[one].exports), hosts)
    for name, host in hosts.items():
        # Whoever asks for one of its modules alone gets the page's own.
        if host != name and (host == root or name in entries) and (exports := modules[name].exports):
            packs[name] = packs.get(name, "") + f'{_exported(exports)}from"./{host}"'
    return packs


def _above(modules: dict[str, Module], closures: dict[str, list[str]]) -> dict[str, set[str]]:
    """By entry: itself and those that are there already whenever it is asked for."""
    root, *others = closures
    asks = {entry: {one for name in names for one in modules[name].lazy} for entry, names in closures.items()}
    above = {root: {root}} | {entry: set(closures) for entry in others}
    before: dict[str, set[str]] = {}
    while before != above:
        before = dict(above)
        for entry in others:
            askers = [above[one] for one, lazy in asks.items() if entry in lazy]
            above[entry] = {entry} | set.intersection(*askers)
    return above


def _pack(modules: dict[str, Module], own: list[str], exports: Iterable[str], hosts: dict[str, str]) -> str:
    """Modules that run in this order; what else they take stands in other packs."""
    taken: dict[str, set[str]] = {}
    for source, names in (item for name in own for item in modules[name].imports.items()):
        if source not in own:
            taken.setdefault(hosts[source], set()).update(names)
    heads = (f'import{{{",".join(sorted(names))}}}from"./{host}";' for host, names in sorted(taken.items()))
    return _minified("".join(heads) + _joined(modules, own) + _exported(exports)) if own else ""


def _exported(names: Iterable[str]) -> str:
    joined = ",".join(names)
    return f"export{{{joined}}}" if joined else ""


def _entries(modules: dict[str, Module], root: str) -> list[str]:
    found = [root]
    for entry in found:
        for name in _ordered(modules, [entry]):
            found += sorted(modules[name].lazy - set(found))
    return found


def _ordered(modules: dict[str, Module], wanted: list[str]) -> list[str]:
    """The modules that these need and themselves, each after what it imports."""
    done: dict[str, bool] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            raise ValueError(f"cycle: {' → '.join((*way[way.index(name) :], name))}")
        if name not in done:
            for source in modules[name].imports:
                visit(source, (*way, name))
            done[name] = True

    for name in wanted:
        visit(name, ())
    return list(done)


def _joined(modules: dict[str, Module], names: list[str]) -> str:
    outside = sorted({source for name in names for source in modules[name].outside})
    number = {source: f"$$_{n}" for n, source in enumerate(outside)}
    heads = [f'import*as {variable} from"{source}";' for source, variable in number.items()]
    return "".join([*heads, *(_wrapped(modules[name], number) for name in names)])


def _wrapped(module: Module, outside: dict[str, str]) -> str:
    """A module in a scope of its own; what it exports is seen by all that stand after it."""
    takes = "".join(
        f"const{{{','.join(sorted(names))}}}={outside[source]};" for source, names in module.outside.items()
    )
    exports = ",".join(module.exports)
    left = f"const{{{exports}}}=" if exports else ""
    return f"{left}(()=>{{{takes}{module.body};return{{{_pairs(module.exports)}}}}})();"


def _pairs(names: dict[str, str]) -> str:
    return ",".join(there if there == here else f"{there}:{here}" for there, here in names.items())


def _module(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    text = _minified(source)
    imports: dict[str, set[str]] = {}
    outside: dict[str, set[str]] = {}
    while found := IMPORT.match(text):
        names, whole, where = found.groups()
        taken = _names(names or "")
        if whole or any(there != here for there, here in taken.items()):
            raise ValueError(f"{path.name}: expected imports by name, got {found[0]}")
        ours = where.startswith("./")
        (imports if ours else outside).setdefault(where.removeprefix("./") if ours else where, set()).update(
            taken
        )
        text = text[found.end() :]
    exports: dict[str, str] = {}
    for name, several in EXPORTED.findall(source):
        exports |= {name: name} if name else {there: here for here, there in _names(several).items()}
    body = EXPORT.sub("", text)
    if re.search(r"\bexport[ {*]|(?:^|;)import[ {\"*]", body):
        raise ValueError(f"{path.name}: expected imports first, and exports of functions, consts and classes")
    return Module(path.name, imports, outside, frozenset(LAZY.findall(text)), exports, body)


def _names(text: str) -> dict[str, str]:
    """`a, b as c` -> a: a, b: c."""
    pairs = [part.split(" as ") for part in re.sub(r"\s+", " ", text).split(",") if part.strip()]
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}


def _minified(text: str) -> str:
    short: str = minify.string("application/javascript", text)
    return short
