"""Entry point of the Python runtime. The work is in a module of its own so that its byte code is kept."""

import sys

import haneul_lambda

sys.exit(haneul_lambda.main())
