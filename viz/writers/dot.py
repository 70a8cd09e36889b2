"""A scene in the DOT language: real labels, so that any Graphviz draws something readable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import graphviz

from viz.scene.scene import Cluster, Edge, Scene, Vertex
from viz.style.markup import plain
from viz.style.theme import STRONG, Theme

__all__ = ["fill", "readable"]

_ARROW = {"forward": {}, "backward": {"dir": "back"}, "cache": {"constraint": "false"}}
_SHAPE = {
    "box": "box", "stack": "box3d", "rounded": "box", "pill": "box", "disc": "circle", "split": "circle",
    "double": "doublecircle", "bare": "plaintext",
}  # fmt: skip


def readable(scene: Scene, theme: Theme) -> str:
    r"""Write a scene as DOT.

    Examples
    --------
    >>> from viz.style.theme import LIGHT
    >>> scene = Scene("x", "", (Vertex("v0", "input", "x^{[1]}", ("(3,)",)),), ())
    >>> [line.strip() for line in readable(scene, LIGHT).splitlines() if "v0" in line][0][:27]
    'v0 [label="x[1]\\n(3,)" colo'
    """
    below = [plain(line) for line in (scene.caption, scene.warning) if line]
    graph = graphviz.Digraph(
        comment=graphviz.escape(plain(scene.title)),
        graph_attr={
            "rankdir": "LR",
            "newrank": "true",
            "label": _text("\n".join(below)),
            "fontname": "DejaVu Sans",
            "fontsize": "12",
        },
        node_attr={"fontname": "DejaVu Sans", "fontsize": "14", "style": "filled"},
        edge_attr={"fontname": "DejaVu Sans", "fontsize": "12"},
    )

    def frame(part: graphviz.Digraph, cluster: Cluster) -> None:
        look = theme.frames[cluster.kind]
        part.attr(label=_text(plain(cluster.title)), color=look.stroke, fontcolor=look.text, style="rounded")

    fill(graph, scene, lambda part, v: part.node(v.id, **_vertex(v, theme)), frame)
    columns: defaultdict[float, list[str]] = defaultdict(list)
    for v in scene.vertices:
        columns[v.column].append(v.id)
    for names in columns.values():
        if len(names) > 1:
            with graph.subgraph(graph_attr={"rank": "same"}) as same:
                for name in names:
                    same.node(name)
    for e in scene.edges:
        tail, head = (e.head, e.tail) if e.kind == "backward" else (e.tail, e.head)
        graph.edge(tail, head, **_edge(e, theme))
    source: str = graph.source
    return source


def fill(
    graph: graphviz.Digraph,
    scene: Scene,
    vertex: Callable[[graphviz.Digraph, Vertex], None],
    frame: Callable[[graphviz.Digraph, Cluster], None],
    parent: str | None = None,
) -> None:
    """Put vertices into their clusters, and clusters into theirs, two deep at most."""
    for cluster in scene.clusters:
        if cluster.parent == parent:
            with graph.subgraph(name=f"cluster_{cluster.id}") as part:
                frame(part, cluster)
                fill(part, scene, vertex, frame, cluster.id)
    for v in scene.vertices:
        if v.cluster == parent:
            vertex(graph, v)


def _vertex(vertex: Vertex, theme: Theme) -> dict[str, str]:
    look = theme.looks[vertex.role]
    style = ["filled", *(["rounded"] if look.shape in {"rounded", "pill"} else [])]
    return {
        "label": _text("\n".join(map(plain, (vertex.label, *vertex.details)))),
        "shape": _SHAPE[look.shape],
        "style": ",".join([*style, *(["dashed"] if look.dash else [])]),
        "fillcolor": look.fill,
        "color": look.stroke,
        "penwidth": f"{STRONG if vertex.emphasis == 'strong' else look.width:g}",
        "tooltip": _text(vertex.tooltip),
    }


def _edge(edge: Edge, theme: Theme) -> dict[str, str]:
    line = theme.lines[edge.kind]
    style = {"forward": "solid", "backward": "dashed", "cache": "dotted"}[edge.kind]
    drawn = {"color": line.stroke, "style": style, **_ARROW[edge.kind]}
    if edge.label:
        drawn |= {"label": _text(plain(edge.label)), "fontcolor": line.text}
    return drawn


def _text(label: str) -> str:
    """Keep Graphviz from reading HTML or escapes into a label; its line ends stay."""
    return graphviz.nohtml(str(graphviz.escape(label)).replace("\n", "\\n"))  # type: ignore[no-any-return]
