"""EASE in numpy, the yardstick of `Kindred.Speed fit ease`: ease.py FOLDER LAMBDA, with OPENBLAS_NUM_THREADS set.

FOLDER holds p1_train.csv (user, item, ...). On Debian: apt-get install python3-numpy libopenblas0-pthread.
"""
import csv, resource, sys, time
import numpy

folder, regularization = sys.argv[1], float(sys.argv[2])
users, items, cells = {}, {}, []
with open(folder + "/p1_train.csv") as file:
    for row in csv.DictReader(file):
        cells.append((users.setdefault(row["user"], len(users)), items.setdefault(row["item"], len(items))))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
u, i = numpy.array(cells).T
start, busy = time.perf_counter(), time.process_time()
taken = numpy.zeros((len(users), len(items)), numpy.float32)
taken[u, i] = 1
gram = (taken.T @ taken).astype(numpy.float64)
gram[numpy.diag_indices_from(gram)] += regularization
inverse = numpy.linalg.inv(gram)
weights = inverse / -numpy.diag(inverse)
weights[numpy.diag_indices_from(weights)] = 0
print(
    f"| numpy EASE {regularization} | {len(users)} x {len(items)} | fit {time.perf_counter() - start:.2f} s, "
    f"processor time {time.process_time() - busy:.2f} | peak {peak()} MB (before {before}) |")
