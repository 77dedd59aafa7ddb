#!/usr/bin/env python3
"""Which functions of the library have fused multiply-add: it rounds once, so bits would differ
from those of a processor without it. gcc 12 fuses complex products in spite of -ffp-contract=off.

usage: fused.py OBJDUMP LIBRARY   prints each function that has it and is not known to, exits 1
       fused.py --self-test       shows that one is caught
"""
import re
import subprocess
import sys

# Where the fused operation is what the source says, with the same bits on all processors.
KNOWN = {"rests_float32", "rests_float64", "multiplied_means"}

FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
FUSED = re.compile(r"\tvfn?m(add|sub)")
SAMPLE = """
0000000000001000 <rests_float64.arch_x86_64_v3>:
    1000:\tvfnmadd213sd %xmm1,%xmm2,%xmm0
0000000000002000 <product.arch_x86_64_v4>:
    2000:\tvmulpd %zmm1,%zmm2,%zmm0
    2006:\tvfmaddsub231pd (%rsi),%zmm1,%zmm0
    200c:\tvfmadd231pd (%rsi),%zmm1,%zmm0
"""


def breaches(lines):
    function, found = "", []
    for line in lines:
        match = FUNCTION.match(line)
        if match:
            function = match.group(1)
        elif FUSED.search(line) and function.split(".")[0] not in KNOWN:
            if function not in found:
                found.append(function)
    return found


def main(argv):
    if argv == ["--self-test"]:
        return 0 if breaches(SAMPLE.splitlines()) == ["product.arch_x86_64_v4"] else 1
    if len(argv) != 2:
        print(__doc__)
        return 2
    listing = subprocess.run([argv[0], "-d", "--no-show-raw-insn", argv[1]], check=True, text=True,
                             capture_output=True).stdout
    found = breaches(listing.splitlines())
    for function in found:
        print(f"{function} has fused multiply-add: give it TG_CLONES_COMPLEX (kernel/types.h)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
