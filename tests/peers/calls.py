"""Calls of the functions in the table of operators, with arguments that are mostly odd or wrong.

    operators(page) -> names and signatures, from the page of operators
    pool(folder, r) -> arrays in files by name, and the lines that open them
    Caller(r, arrays).call(operator) -> a line: every parameter gets something, or nothing
"""
import os
import re

import numpy as np

import leaves

SHAPES = {"0": (), "e": (0,), "e30": (3, 0), "1": (1,), "5": (5,), "45": (4, 5), "44": (4, 4),
          "234": (2, 3, 4)}
DTYPES = ["bool", "int8", "uint8", "int32", "int64", "uint64", "float32", "float64", "complex64",
          "complex128"]
# Results that others may choose, are not defined, or are made of another generator.
LEFT_OUT = {"open", "compute", "persist", "item", "copy", "empty", "empty_like", "rechunk",
            "threshold_otsu", "map_blocks", "blockwise", "map_overlap", "apply_gufunc",
            "linalg.svd", "linalg.qr", "partition", "argpartition", "argtopk", "bitwise_count"}

WRONG = """None|'x'|1.5|-1|True|[]|()|(1,)|{}|np.float32|1j|[1, 'a']|...|slice(1)|np.sin|10**30|
    np.nan|[[1, 2], [3]]|(None,)|nobody|2**63|-2**63|lambda v: v|'\\u00e4'|[[]]|np.inf""".split("|")
ARRAYS = """2|1.5|True|1j|[1, 2, 3]|[[1, 2], [3, 4]]|-3|[True, False]|np.arange(5)|(1, 2)|
    float64_45.T|int64_45[::-1]|float32_234[:, 1:2]|np.int8(5)|2**40""".split("|")
AXES = "None|0|1|-1|2|-2|3|-4|(0, 1)|(0, -1)|(0, 0)|()|(0,)|(1, 0)|np.int64(0)"
NUMBERS = "0|1|2|3|-1|5|7|-4|True|None|np.int64(2)"
BOOLS = "True|False|0|1"
LISTS = "0|[0, 1]|-1|[]|9|[0, 99]|[-5]|2.5|[True, False]|int64_5|()|[[0, 1], [1, 0]]"
SHAPE = "3|(2, 3)|()|(0,)|(2, -1)|-1|(4, 5)|(2, 0)|(20,)|(-1, 2)|(-1, -1)|(-2, 3)"
PARAMETERS = {
    "axis": AXES, "axes": AXES, "shape": SHAPE, "dimensions": SHAPE, "dtype":
    "None|int|float|bool|complex|np.float32|'i2'|np.uint8|'f8'|np.complex64|'>i4'|'x9'",
    "keepdims": BOOLS, "where": "True|bool_45|bool_5|bool_0|[True, False, True]|1|int64_45",
    "initial": "0|1|2.5|-1|np.inf|1j", "ddof": "0|1|0.5|100|-1", "order": "'C'|'F'|'K'|'X'",
    "casting": "'same_kind'|'unsafe'|'safe'|'xyz'", "subok": "True|False", "copy": BOOLS,
    "q": "0.5|[0.25, 0.75]|0.0|[0.1]|[]|1.5|-0.1|[[0.1, 0.2]]|50.0", "bins":
    "10|1|0|-1|[0, 1, 2]|[1, 0]|[]|'auto'|'doane'|'stone'|'bad'|np.arange(5)|[[0, 1], [2, 3]]",
    "method": "'linear'|'lower'|'nearest'|'hazen'|'bad'", "interpolation": "None|'lower'",
    "range": "None|(0, 1)|(-5, 5)|(1, 0)|(0, np.inf)|(0,)|5", "minlength": "0|3|-1|20",
    "weights": "None|[1, 2, 3, 4]|[1, 1, 1, 1, 1]|[0, 0, 0, 0]|np.ones((3, 3))|[[1, 2], [3, 4]]",
    "side": "'left'|'right'|'x'", "sorter": "None|[4, 3, 2, 1, 0]|[0]|[9, 1, 2, 3, 4]",
    "kind": "'stable'|'bad'", "kth": "0|1|-1|[0, 1]|9|1.5", "decimals": "0|1|-1|None|1.5",
    "mode": "'constant'|'edge'|'reflect'|'wrap'|'raise'|'clip'|'mirror'|'mean'|'median'|'bad'",
    "pad_width": "1|(1, 2)|((1, 2), (0, 3))|0|-1|2.5|(1, 2, 3)|[[1], [2]]|None|{0: 1}",
    "constant_values": "0|(1, 2)|((1, 2), (3, 4))|2.7|1j", "stat_length": "None|1|(1, 2)|0|-1",
    "indices": LISTS, "obj": LISTS + "|slice(1)|slice(3, 0, -1)", "repeats": LISTS,
    "indices_or_sections": "1|2|3|[1, 2]|[]|0|-1|[5, 2]|'x'|[99]", "reps": "2|(2, 3)|0|()|-1",
    "shift": "1|-1|(1, 2)|0|1.5|(1, 2, 3)", "window_shape": "2|(2, 2)|(1, 2, 2)|0|-1|9|()",
    "source": "0|-1|[0, 1]|5|[0, 0]", "destination": "0|-1|[1, 0]|5|[0, 0]",
    "start": "0|2|-1|2.5|[1, 2]", "stop": "None|0|10|-5|3.5|[3, 4]", "num": "0|1|5|-1|2.5|None",
    "step": "None|1|2|-1|0.5|0", "base": "10.0|2", "indexing": "'ij'|'xy'|'bad'",
    "structure": "None|[[0, 1, 0], [1, 1, 1], [0, 1, 0]]|np.ones((3, 3))|[1, 1, 1]",
    "footprint": "None|[[1, 1], [0, 1]]|[1, 1, 1]|np.ones((3, 3), dtype=bool)|[[0, 0]]",
    "size": "None|2|3|(2, 3)|0|-1|2.5", "sigma": "1|(1, 0)|0|(1, 2, 3)|'x'|None",
    "truncate": "4.0|1", "radius": "None|1|(1, 2)|2.5", "origin": "0|1|(0, 1)|9",
    "output": "None|np.float32|'f8'|int|np.uint8|'x'", "cval": "0.0|1|-2.5", "rank": NUMBERS,
    "labels": "None|int64_45|bool_45|int64_5|1|(int64_45 > 0)", "max_label": "0|2|9|-1",
    "index": "None|1|[1, 2]|-1|[[1, 2], [3, 4]]", "mask": "None|bool_45|bool_44|bool_5",
    "iterations": "1|2|0|3|1.5", "ord": "None|1|-1|0|np.inf|'fro'|3|0.5|'bad'",
    "condition": "bool_45|bool_5|[True, False]|[1, 0, 2]|float64_45 > 0|[]|nobody",
    "condlist": "[bool_45, bool_5]|[bool_45]|[]|[int64_45 > 0]|[int64_45]", "edge_order": "1|2|3",
    "funclist": "[1, 2]|[1, 2, 3]|[lambda x: x * 2, 5]|[]", "reduction": "np.sum|np.mean|np.max",
    "func1d": "np.sum|np.cumsum|lambda v: v * 2|lambda v: v[:2]|np.sort", "ndmin": "0|2|3",
    "function": "lambda i, j: i + j|lambda i: i * 2", "fill_value": "1|2.5|1j|300|[1, 2, 3]|2**70",
    "subscripts": "'ij,jk'|'ij->ji'|'ii'|'i,i'|'ij->'|'i'|'iij'|'i->ii'|'i...->...i'",
    "percentile": "50|0|100|-20|101", "connectivity": NUMBERS, "a_min": "None|0|float64_5",
    "a_max": "None|3|5.5|int64_5", "min": "0|-5", "max": "9|5", "prepend": "0|[1]|float64_45",
    "append": "0|[1]|int64_5", "end_values": "0|(1, 2)", "reflect_type": "'even'|'odd'",
}
PARAMETERS.update(dict.fromkeys("N M n k axis1 axis2 offset nbins deg".split(), NUMBERS))
PARAMETERS.update(dict.fromkeys(
    """right endpoint retstep sparse density equal_nan assume_unique invert rowvar bias returned
    return_index return_inverse return_counts trim_excess overwrite_input brute_force""".split(),
    BOOLS))


def operators(page):
    """(name, parameters as they are written, whether it is a method)"""
    found = re.findall(r"^\| `([\w.]+)\((.*?)\)`( m)?", page, re.MULTILINE)
    return [(name, re.split(r", (?![^(]*\))", text), bool(method))
            for name, text, method in found
            if name not in LEFT_OUT and not name.startswith("random.")]


def pool(folder, r):
    """Arrays of all dtypes, none of whose elements is odd, in files."""
    n = np.random.default_rng(r.getrandbits(32))
    arrays, lines = {}, []
    for dtype in DTYPES:
        for name, shape in SHAPES.items():
            a = n.integers(-9, 10, shape) if dtype[0] != "u" else n.integers(0, 10, shape)
            a = np.asarray(a > 0 if dtype == "bool" else a * (1 + 1j) if dtype[0] == "c" else a)
            name = f"{dtype}_{name}"
            arrays[name] = a.astype(dtype)
            arrays[name].setflags(write=False)
            np.save(os.path.join(folder, f"{name}.npy"), arrays[name])
            lines.append(f'{name} = open("{name}.npy", chunks={leaves.draw_chunks(r, shape)})')
    return arrays, lines


class Caller:
    def __init__(self, r, arrays, wrong):
        self.r, self.arrays, self.wrong = r, list(arrays), wrong

    def array(self):
        return self.r.choice(self.arrays if self.r.random() < 0.8 else ARRAYS).strip()

    def value(self, name):
        if self.r.random() < self.wrong:
            return self.r.choice(WRONG).strip()
        if name in PARAMETERS:
            return self.r.choice(PARAMETERS[name].split("|"))
        if name in ("arrays", "tup", "choicelist", "choices"):
            return f"[{self.array()}, {self.array()}]"
        return self.array()

    def arguments(self, parameters):
        """By position as long as nothing was left out, then by name."""
        words, named, omit = [], False, self.r.random()
        for parameter in parameters:
            name, default, _ = parameter.partition("=")
            if name == "*" or name in ("chunks", "out", "like", "mean", "correction"):
                named = True
            elif name.startswith("*"):
                words += [self.array() for _ in range(self.r.randint(0, 3))]
                named = True
            elif default and self.r.random() < omit:
                named = True
            elif name != "/" and not name.startswith("**"):
                words.append(f"{name}={self.value(name)}" if named else self.value(name))
        if self.r.random() < 0.01:
            words.append("bogus=1")
        return words

    def call(self, operator):
        name, parameters, method = operator
        words = self.arguments(parameters)
        module = "da." if name in ("topk", "coarsen") else "" if name.startswith("ndi") else "np."
        if method and name != "sort" and words and words[0] in self.arrays and \
                self.r.random() < 0.3:
            return f"{words[0]}.{name}({', '.join(words[1:])})"
        return f"{module}{name}({', '.join(words)})"
