#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Where partials are large against chunks, some chunks are reduced in one task if there are tasks
# enough for all threads. One thread has that, 64 have not: the bits are the same.
set -eu

calc=$TEGULA_BUILD/bin/calc_app
x='x = np.random.default_rng(3).random((37, 40, 150), chunks=(3, 40, 150))'
c='x = np.random.default_rng(3).random((75, 130, 50), chunks=(2, 130, 50)) * (1 + 2j)'
i='x = np.random.default_rng(3).integers(-9, 99, (20, 90, 70), chunks=(20, 4, 70))'

# same SETUP EXPRESSION
same()
{
    "$calc" --threads 1 "$1; $2" -o few.npy
    "$calc" --threads 64 "$1; $2" -o many.npy
    cmp few.npy many.npy || { echo "$1; $2"; exit 1; }
}

for reduction in std mean var sum max argmin; do
    same "$x" "x.$reduction(axis=0)"
    same "$i" "x.$reduction(axis=1)"
done
same "$x" 'np.sin(x.transpose(2, 0, 1) * 2).std(axis=1)'
same "$x" '(x + np.arange(150)).std(axis=0, keepdims=True)'
same "$x" 'np.stack([x.mean(axis=0), x.std(axis=0)])'
same "$c" 'x.std(axis=0)'
same "$c" 'x.mean(axis=0)'
tasks=$("$calc" --threads 1 --explain "$x; x.std(axis=0)" | sed -n 's/^tasks: //p')
more=$("$calc" --threads 64 --explain "$x; x.std(axis=0)" | sed -n 's/^tasks: //p')
[ "$tasks" -lt "$more" ] || { echo "$tasks tasks, $more where there are many threads"; exit 1; }

#TEST timeout=120
