"""The page's modules in few files: an entry with all that it needs, in the order in which that would run.

    main.js     const $state = (() => { …; return { state, select }; })();  …  export { $state };
    builder.js  import { $state } from "./main.js";  …  export const { openBuilder } = $builder;

The sources are plain ES modules and run as they are. Packed they travel as one stream: a page is a few
requests rather than a hundred, and what is alike in many modules is compressed once. A module that is asked
for with `import()` is an entry of its own, and shares the instances of the page's. For that, modules import
by name, without cycles, and export no `let`; `pack` refuses others.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import minify

ROOTS = ("main.js", "docs.js")
"""The entries that pages name."""

IMPORT = re.compile(r'import(?:\{([^}]*)\}from|\*as ([\w$]+) ?from)?"([^"]+)";?')
LAZY = re.compile(r'\bimport\("\./([^"]+)"\)')
EXPORTED = re.compile(
    r"^export (?:async )?(?:function|const|class) ([\w$]+)|^export \{([^}]*)\}", re.MULTILINE
)
EXPORT = re.compile(r"\bexport(?: (?=const |function[ *]|async function|class )|\{[^}]*\};?)")


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        name: Its file's.
        imports: What it takes, by where from: local names by exported ones.
        outside: The same of files that are not packed, as they are asked for.
        lazy: The modules that it asks for when they are needed.
        exports: Local names by exported ones.
        body: Its code, without imports and exports.
    """

    name: str
    imports: dict[str, dict[str, str]]
    outside: dict[str, dict[str, str]]
    lazy: frozenset[str]
    exports: dict[str, str]
    body: str

    @property
    def variable(self) -> str:
        """What it is called in a pack."""
        return "$" + re.sub(r"\W", "_", self.name.removesuffix(".js"))


def pack(folder: Path) -> dict[str, str]:
    """Every entry's pack, by its file's name.

    Args:
        folder: Where the modules are.

    Raises:
        ValueError: A cycle, or a form of import or export that is not packed.
    """
    modules = {path.name: _module(path) for path in sorted(folder.glob("*.js"))}
    return {name: text for root in ROOTS if root in modules for name, text in _packs(modules, root).items()}


def _packs(modules: dict[str, Module], root: str) -> dict[str, str]:
    entries = _entries(modules, root)
    closures = {entry: _ordered(modules, [entry]) for entry in entries}
    count = Counter(name for entry in entries[1:] for name in closures[entry])
    # What several lazy entries need stands with the root, so that there is one of it.
    shared = [name for name, times in count.items() if times > 1]
    main = _ordered(modules, [*shared, root])
    variables = ",".join(modules[name].variable for name in main)
    packs = {root: _minified(_joined(modules, main) + f"export{{{variables}}};")}
    for entry in (*main, *entries[1:]):
        if entry == root:
            continue
        # Of a module of the root's this is but its name there: whoever imports it gets the page's own.
        own = [name for name in closures.get(entry, []) if name not in main]
        needed = {source for name in own for source in modules[name].imports} | {entry}
        borrowed = ",".join(modules[name].variable for name in sorted(needed - set(own)))
        exports = ",".join(modules[entry].exports)
        packs[entry] = _minified(
            (f'import{{{borrowed}}}from"./{root}";' if borrowed else "")
            + _joined(modules, own)
            + (f"export const{{{exports}}}={modules[entry].variable};" if exports else "")
        )
    return packs


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
    return "".join([*heads, *(_wrapped(modules, modules[name], number) for name in names)])


def _wrapped(modules: dict[str, Module], module: Module, outside: dict[str, str]) -> str:
    taken = [(modules[source].variable, names) for source, names in module.imports.items()]
    taken += [(outside[source], names) for source, names in module.outside.items()]
    consts = "".join(f"const{{{_pairs(names)}}}={variable};" for variable, names in taken if names)
    result = _pairs(module.exports)
    return f"const {module.variable}=(()=>{{{consts}{module.body};return{{{result}}}}})();"


def _pairs(names: dict[str, str]) -> str:
    return ",".join(there if there == here else f"{there}:{here}" for there, here in names.items())


def _module(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    text = _minified(source)
    imports: dict[str, dict[str, str]] = {}
    outside: dict[str, dict[str, str]] = {}
    while found := IMPORT.match(text):
        names, whole, where = found.groups()
        if whole:
            raise ValueError(f"{path.name}: expected imports by name, got {found[0]}")
        ours = where.startswith("./")
        (imports if ours else outside).setdefault(where.removeprefix("./") if ours else where, {}).update(
            _names(names or "")
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
