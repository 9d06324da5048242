#!/usr/bin/env python3
"""scikit-learn's K-Means on the TF-IDF rows of short texts, beside `Kindred.Speed kmeans`.

usage: kmeans.py TEXTS [ROWS] [CLUSTERS] [RUNS] [jitter]
TEXTS holds one text a line; row r is line r, from the start again behind the end of the file. Debian: apt-get install python3-sklearn.
"""
import sys
import time

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

arguments = sys.argv[1:]
jitter = "jitter" in arguments
arguments = [argument for argument in arguments if argument != "jitter"]
rows = int(arguments[1]) if len(arguments) > 1 else 1_000_000
clusters = int(arguments[2]) if len(arguments) > 2 else 50
runs = int(arguments[3]) if len(arguments) > 3 else 3
lines = open(arguments[0], encoding="utf-8").read().splitlines()
start = time.perf_counter()
matrix = TfidfVectorizer().fit_transform(lines[row % len(lines)] for row in range(rows))
print(f"{rows} rows, {matrix.shape[1]} words, {matrix.nnz / rows:.2f} a row, made in {time.perf_counter() - start:.2f} s")
if jitter:
    matrix.data *= np.random.default_rng(1).uniform(0.9, 1.1, matrix.nnz)
for run in range(runs):
    start, busy = time.perf_counter(), time.process_time()
    fit = KMeans(clusters, n_init=1, algorithm="lloyd", random_state=42 + run).fit(matrix)
    print(f"| seed {42 + run} | {time.perf_counter() - start:.3f} s | processor {time.process_time() - busy:.3f} s "
          f"| {fit.n_iter_} rounds | inertia {fit.inertia_:.1f} |", flush=True)
