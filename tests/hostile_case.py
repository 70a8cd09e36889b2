"""Names that nobody should ever give anything, and what must hold of whatever is written of them."""

import base64
import random
import re
import xml.etree.ElementTree as ET
from hashlib import sha256
from html.parser import HTMLParser

TOUCHED = []  # by code in a name, if any of it is ever executed

_TOUCH = '__import__("sys").modules["hostile_case"].TOUCHED.append(1)'

FRAGMENTS = [
    *("W", "W[1]", "dW", "x", "x0", "x1", "t0", "r1", "T1", "C1", "J", "m", "n", "np", "math", "program"),
    *("float", "gradients", "value_and_gradients", "lambda", "class", "None", "__class__", "self", "_", "__"),
    *("ｎｐ", "ﬁnally", "ℂ", "𝐝𝐞𝐟", "𝑒xec", "оs", "名", "ñ", "λ", "é", "ａ＝１", "x′", "d", "dx", "1", "3x"),
    *("\n", "\r", "\r\n", "\t", "\0", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x7f", "\x85", "\u2028"),
    *("\u2029", "\u202egnp.exe", "\u2066", "\u200b", "\ufeff", "\ud800", "\udfff", "\ufffe", "\U0010ffff"),
    *("'", '"', "'''", '"""', "\\", "\\\\", "\\n", "\\'", '\\"', "`", "#", "a # b", "; ", ")", "]"),
    f"\n    {_TOUCH}\n    #",
    f'"""\n{_TOUCH}\n"""',
    f"x); {_TOUCH}  #",
    f"sum(x) and {_TOUCH} or np.sum",
    f"': {_TOUCH}, '",
    f"{{{_TOUCH}}}",
    *("{0.__class__}", "{x!r}", "{", "{}", "%s", "%(x)s", "%n", "${x}", "$x", "$$", "$(id)", "`id`"),
    "${title}",
    *(r"\input{/etc/passwd}", r"\write18{id}", r"\def\x{", r"\end{align*}", r"\\", "&", "~", "^", "a_b"),
    "x^2",
    *("x_{1}", "}^{2}", r"\frac{1}{", "%", r"\catcode`\%=0", r"\begin{verbatim}", "}}}", r"\text{", "^^M"),
    *("<script>alert(1)</script>", "</script>", "</title>", "</style>", "<img src=x onerror=alert(1)>"),
    *("javascript:alert(1)", '" onload="alert(1)', "' x='", "&lt;", "&#0;", "]]>", "<![CDATA[", "<svg>"),
    *("<!--", '"]; node [', '\\"]', "->", "<b>bold</b>", "<TABLE>", "subgraph", "\\N", "a:b", "//", "/*"),
    "|",
    *("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "a,b", "a;b", "a|b", "/", "..", "../x", "C:\\x", "-"),
    *(" ", "  ", " x ", "\xa0", "a" * 500, "y" * 5000, "∂J/∂x", "Σ", "·", "…", "ᵀ", "A ⊙ B", "a + b", "−1"),
]  # fmt: skip


class Sly(str):
    """Text whose class says something else whenever it is asked."""

    __slots__ = ()

    def _says(self, *_: object) -> str:
        return _TOUCH

    __repr__ = __str__ = __format__ = translate = replace = strip = lstrip = _says

    def isprintable(self) -> bool:
        return True

    isidentifier = isalnum = isprintable


def names(count, seed=0):
    """Each fragment by itself, then several joined; always the same ones."""
    yield from FRAGMENTS[:count]
    rng = random.Random(seed)
    for _ in range(count - len(FRAGMENTS)):
        yield "".join(rng.choices(FRAGMENTS, k=rng.randint(2, 4)))[:6000]


def groups(count, size):
    """The same, several at a time."""
    found = [*names(count)]
    return [found[i : i + size] for i in range(0, len(found) - size + 1, size)]


# What must hold


def check_untouched():
    assert TOUCHED == [], "a name was executed"


def check_text(text, *, line=False):
    """No character that a terminal obeys; where it is one `line`, no end of one either."""
    left = text if line else text.replace("\n", "")
    bad = {c for c in left if not c.isprintable()}
    assert not bad, f"{bad} in {text[:300]!r}"


_COMMANDS = re.compile(
    r"begin|end|frac|left|right|top|odot|sum|prod|text|mathrm|mathtt|mathbf|times|partial|cdot|sqrt|infty|dots"
    r"|operatorname|tanh|exp|log|max|min|sigma|pi|lambda|delta|Sigma|not|cases"
)
_TOKEN = re.compile(r"\\(?P<name>[A-Za-z]+)|\\(?P<sign>.)|(?P<special>[{}&#$%^_~])|(?P<other>.)", re.DOTALL)
_IN_TEXT = {f"text{what}" for what in ("backslash", "asciicircum", "asciitilde", "less", "greater", "bar")}


def check_latex(text):
    """Reads it as TeX does: known commands, braces in pairs, and in text nothing but text."""
    check_text(text)
    depth, in_text = 0, []
    text = re.sub(r"\\(begin|end)\{(align\*|aligned|cases|document)\}", "", text)
    before = ""
    for token in _TOKEN.finditer(text):
        if token["name"]:
            known = _IN_TEXT if in_text else _COMMANDS
            assert token["name"] in known if in_text else known.fullmatch(token["name"]), token["name"]
        elif token["sign"]:
            assert token["sign"] in ("#$%&_{}" if in_text else "#$%&_{}\\,|;"), token[0]
        elif token["special"] == "{":
            depth += 1
            if before == "text":
                in_text.append(depth)
        elif token["special"] == "}":
            if in_text and in_text[-1] == depth:
                in_text.pop()
            depth -= 1
            assert depth >= 0, text[:300]
        elif token["special"]:
            assert token["special"] in "&^_", f"a bare {token[0]} in {text[:300]}"
            assert not in_text, f"a bare {token[0]} in text: {text[:300]}"
        elif not in_text:
            assert token[0].isascii(), f"{token[0]} outside of text: {text[:300]}"
        before = token["name"] or ""
    assert depth == 0, text[:300]


def check_xml(text):
    """Well-formed, without script, and with the tags and attributes of a picture or a formula alone."""
    check_text(text.replace("\N{NO-BREAK SPACE}", ""))
    for element in ET.fromstring(text).iter():
        tag = element.tag.rpartition("}")[2]
        assert tag in _TAGS, tag
        assert not [key for key in element.attrib if key.startswith("on") or key.endswith("href")]


_TAGS = {
    *("svg", "title", "desc", "g", "rect", "circle", "path", "polygon", "text"),
    *("math", "mtable", "mtr", "mtd", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msub", "msubsup"),
    *("munder", "munderover", "msqrt", "mroot", "mover", "mspace", "mstyle", "mpadded"),
}
_PAGE = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "p",
        "figure",
        "figcaption",
        "div",
        "span",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "ul", "li", "ol", "a", "nav", "main", "header", "footer"),
    *("section", "fieldset", "legend", "label", "input", "button", "img", "script", "pre"),
}
_VOID = {"meta", "input", "img", "rect", "circle", "path", "polygon", "mspace"}


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.scripts, self.styles = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], "left open"

    def handle_starttag(self, tag, attrs):
        assert tag in _TAGS | _PAGE, tag
        for key, value in attrs:
            assert not key.startswith("on"), key
            assert key != "href" or value.startswith("#"), value
            assert key != "src" or value.startswith("data:image/png;base64,"), value
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in _VOID:
            assert self.open, f"{tag} closed, but not opened"
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            (self.scripts if self.open[-1] == "script" else self.styles).append(data)


def check_page(text):
    """Tags in pairs, nothing that asks anybody for anything, and the one script that the page announces."""
    check_text(re.sub("[\t\N{NO-BREAK SPACE}]", "", text))
    page = _Page(text)
    for script in page.scripts:
        announced = f"script-src 'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'"
        assert announced in text
    assert len(page.scripts) <= 1


_DOT = re.compile(
    r'\s+|//[^\n]*\n|"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*|-?[0-9.]+|->|[\[\]{}=;,]', re.DOTALL
)


def check_dot(text):
    """Reads it as Graphviz does; a label in angle brackets would be markup."""
    check_text(text.replace("\t", ""))
    at, brackets = 0, []
    while at < len(text):
        token = _DOT.match(text, at)
        assert token, text[at : at + 100]
        at = token.end()
        if token[0] in "[{":
            brackets.append(token[0])
        elif token[0] in "]}":
            assert brackets
            assert brackets.pop() + token[0] in ("[]", "{}")
    assert brackets == []


def check_pdf(data):
    """Every object stands where the table says."""
    assert data.startswith(b"%PDF-")
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    rows = data[start:].split(b"\n")
    for number, row in enumerate(rows[3 : 2 + int(rows[1].split()[1])], start=1):
        assert data[int(row[:10]) :].startswith(b"%d 0 obj" % number)
