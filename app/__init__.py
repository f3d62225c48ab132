"""The service: the engine over HTTP, and the pages.

BLAS runs on one thread in every process of the service, so that a frame has the same bits whichever
process computes it. The libraries read these variables once, while NumPy is imported, so they are set here,
before it.
"""

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_variable] = "1"
