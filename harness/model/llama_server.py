#!/usr/bin/env python3
"""llama.cpp's server from the package xllamacpp, with the options of llama-server that axiometer uses.

    pip install xllamacpp
    axiometer eval SUITE --model llama/PATH.gguf --llama-server harness/model/llama_server.py

It runs by the python3 that PATH has; with another: a script of two lines that names it.
"""

import argparse
import os
import sys
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("-c", "--ctx-size", type=int, default=0)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--jinja", action="store_true")
    parser.add_argument("-t", "--threads", type=int, default=0)
    parser.add_argument("-ngl", "--gpu-layers", type=int, default=None)
    options = parser.parse_args()
    try:
        import xllamacpp
    except ImportError:
        sys.exit(f"xllamacpp is missing: {sys.executable} -m pip install xllamacpp")
    common = xllamacpp.CommonParams()
    common.model.path = options.model
    common.hostnames = [options.host]
    common.port = options.port
    common.n_ctx = options.ctx_size
    common.n_parallel = options.parallel
    common.use_jinja = options.jinja
    if options.threads:
        common.cpuparams.n_threads = options.threads
    if options.gpu_layers is not None:
        common.n_gpu_layers = options.gpu_layers
    if key := os.environ.get("LLAMA_API_KEY"):
        common.api_keys = [key]
    server = xllamacpp.Server(common)
    print("listening at", server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
